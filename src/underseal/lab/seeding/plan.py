"""What happens in the seeded months, in the order of its days."""

from typing import Final

from underseal.lab.seeding.lately import before, under_appeal
from underseal.lab.seeding.past import draw_past
from underseal.lab.seeding.posts import Post
from underseal.lab.seeding.present import waiting

SEED: Final = 2026


def plan(seed: int = SEED) -> tuple[Post, ...]:
    """Draw the posts of the seeded months."""
    posts = (*draw_past(seed), *before(), *under_appeal(), *waiting())
    return tuple(sorted(posts, key=lambda each: each.day))
