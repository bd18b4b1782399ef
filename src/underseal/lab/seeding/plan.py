"""What happens in the seeded months, in the order of its days."""

from typing import Final

from underseal.lab.seeding.codes import draw_codes
from underseal.lab.seeding.lately import before, under_appeal
from underseal.lab.seeding.past import EXPERTS_END, REPORTERS, draw_past
from underseal.lab.seeding.posts import Post
from underseal.lab.seeding.present import waiting

SEED: Final = 2026


def plan(seed: int = SEED) -> tuple[Post, ...]:
    """Draw the posts of the seeded months."""
    others = REPORTERS[EXPERTS_END:]
    posts = (
        *draw_past(seed),
        *draw_codes(seed, others),
        *before(),
        *under_appeal(),
        *waiting(),
    )
    return tuple(sorted(posts, key=lambda each: each.day))
