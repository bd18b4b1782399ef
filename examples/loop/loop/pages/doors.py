"""Signing in and out. There are no passwords here: Loop is a demonstration, and says so."""

from litestar import Response, get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromQuery
from litestar.response import Redirect

from loop import people
from loop.gate import COOKIE, session_cookie
from loop.injected import AnyRequest, Injected
from loop.people import Visitor
from loop.rendering import here, page, see_other
from loop.site import Site


@get("/sign-in")
async def ask(
    site: Injected[Site], visitor: Injected[Visitor], next_path: FromQuery[str] = "/"
) -> Response[str]:
    """Offer the demonstration's people."""
    return page(
        site, visitor, "sign_in.html", people=people.listed(site), next_path=here(next_path)
    )


@post("/sign-in")
async def sign_in(request: AnyRequest, site: Injected[Site]) -> Redirect:
    """Sign in as one of the demonstration's people."""
    form = await request.form()
    wanted = str(form.get("person", ""))
    for person in people.listed(site):
        if person.id == wanted:
            answer = see_other(here(str(form.get("next_path", "/"))))
            answer.set_cookie(session_cookie(people.sign_in(site, person)))
            return answer
    raise NotFoundException(detail="There is no such person here.")


@post("/sign-out")
async def sign_out(request: AnyRequest, site: Injected[Site]) -> Redirect:
    """End the session, here and in the database."""
    people.sign_out(site, request.cookies.get(COOKIE, ""))
    answer = see_other("/")
    answer.set_cookie(session_cookie(""))
    return answer


@post("/age")
async def confirm_age(request: AnyRequest, site: Injected[Site]) -> Redirect:
    """Note that whoever is signed in says to be of age."""
    form = await request.form()
    people.confirm_age(site, request.cookies.get(COOKIE, ""))
    return see_other(here(str(form.get("next_path", "/"))))


handlers = (ask, sign_in, sign_out, confirm_age)
