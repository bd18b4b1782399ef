"""Profiles."""

from litestar import Response, get
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from loop import clips, people
from loop.injected import Injected
from loop.people import Visitor
from loop.rendering import page
from loop.site import Site
from loop.watching import saw


@get("/u/{handle:str}")
async def profile(
    handle: FromPath[str], site: Injected[Site], visitor: Injected[Visitor]
) -> Response[str]:
    """Show an account and its videos."""
    creator = people.find_by_handle(site, handle)
    if creator is None or not clips.may_see_person(site, visitor, creator):
        raise NotFoundException(detail="There is no such account.")
    if visitor.person is not None:
        saw(site, visitor.person, [(("account", creator.id), creator.id)])
    return page(
        site,
        visitor,
        "profile.html",
        creator=creator,
        is_own=visitor.owns(creator.id),
        clips=clips.of_creator(site, visitor, creator),
    )


handlers = (profile,)
