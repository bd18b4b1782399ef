"""How an account stands, and how it is deleted."""

from litestar import Response, get, post
from litestar.exceptions import ClientException
from litestar.response import Redirect

from loop import leaving
from loop.gate import session_cookie
from loop.injected import AnyRequest, Injected
from loop.people import Person, Visitor
from loop.rendering import page, see_other
from loop.site import Site
from underseal.client import requests


@get("/account")
async def account(site: Injected[Site], person: Injected[Person]) -> Response[str]:
    """Show somebody their strikes: what counts today, what did, and when it ends."""
    standing = await site.underseal.send(requests.standing(person.id))
    guidelines = await site.underseal.send(requests.guidelines())
    labels = {each.id: each.label for topic in guidelines.topics for each in topic.guidelines}
    return page(site, Visitor(person=person), "account.html", standing=standing, labels=labels)


@post("/account/delete")
async def delete(request: AnyRequest, site: Injected[Site], person: Injected[Person]) -> Redirect:
    """Delete the account of whoever is signed in, once they have typed its handle."""
    if str((await request.form()).get("handle", "")).strip().lstrip("@") != person.handle:
        raise ClientException(detail="Type your handle to delete your account.")
    leaving.leave(site, person)
    answer = see_other("/")
    answer.set_cookie(session_cookie(""))
    return answer


handlers = (account, delete)
