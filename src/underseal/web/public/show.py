"""A public page in the words of its reader."""

from collections.abc import Mapping
from typing import Final

from litestar import Response

from underseal.web.pages import page
from underseal.web.words import Words

NOTHING: Final[Mapping[str, str]] = {}


def show(
    words: Words,
    template: str,
    *,
    here: str,
    query: Mapping[str, str] = NOTHING,
    status: int = 200,
    **context: object,
) -> Response[str]:
    """Return a page.

    Args:
        words: of its reader.
        template: its name.
        here: the path at which the page can be asked for again, in another language.
        query: what belongs to that address.
        status: of the answer.
        context: what the template needs.
    """
    return page(
        template,
        status=status,
        headers={"content-language": words.language},
        t=words,
        here=here,
        query=query,
        **context,
    )
