"""Step 5: give creators their reasons, and their say.

Underseal is asked each time, in the name of whoever is signed in: it answers only what concerns
them, so nobody reads another's statement by guessing its address. Loop keeps no copy.
"""

from collections.abc import Mapping
from uuid import UUID

from litestar import Response, get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from litestar.response import Redirect

from loop import clips, people
from loop.injected import AnyRequest, Injected
from loop.people import Person, Visitor
from loop.rendering import page, see_other
from loop.site import Site
from underseal.client import ApiError, requests
from underseal.client.answers import Appeal, Statement, Subject

NOT_FOUND = 404
REFUSED = frozenset({400, 409, 422})
"""What Underseal answers where an appeal is not possible, and says why."""

HEADLINES: Mapping[str, str] = {
    "hold": "is under review",
    "restriction": "has been restricted",
    "removal": "has been removed",
    "reinstatement": "is back",
    "appeal_upheld": "was looked at again, and the decision stands",
    "appeal_reversed": "was looked at again, and the decision was wrong",
}


@get("/inbox")
async def inbox(site: Injected[Site], person: Injected[Person]) -> Response[str]:
    """List what was decided about somebody's videos, comments, sounds and account."""
    statements = await site.underseal.send(requests.statements(person.id, limit=100))
    appeals = {each.statement_id: each for each in await _appeals(site, person)}
    unread = {
        row["statement_id"]
        for row in site.db.execute(
            "select statement_id from notices where person_id = ? and not is_read", [person.id]
        )
    }
    return page(
        site,
        Visitor(person=person),
        "inbox.html",
        entries=[
            (each, name_of(site, person, each.subject), appeals.get(each.statement_id))
            for each in statements.statements
        ],
        headlines=HEADLINES,
        unread_ids=unread,
    )


@get("/inbox/{statement_id:uuid}")
async def statement(
    statement_id: FromPath[UUID], site: Injected[Site], person: Injected[Person]
) -> Response[str]:
    """Show a statement of reasons, and the appeal: what can be said, or what came of it."""
    return await _show(site, person, await _statement(site, person, str(statement_id)))


@post("/inbox/{statement_id:uuid}/appeal")
async def appeal(
    statement_id: FromPath[UUID],
    request: AnyRequest,
    site: Injected[Site],
    person: Injected[Person],
) -> Redirect | Response[str]:
    """Lodge an appeal; where Underseal refuses it, it says why, and nothing typed is lost."""
    found = await _statement(site, person, str(statement_id))
    grounds = str((await request.form()).get("grounds", "")).strip()
    if not grounds:
        return await _show(site, person, found, problem="Say why the decision is wrong.")
    wanted = requests.appeal(found.statement_id, person.id, grounds)
    try:
        # Under a key: a double click, or a retry after a lost answer, is one appeal.
        await site.underseal.send(wanted.once(f"appeal-{found.statement_id}"))
    except ApiError as refused:
        if refused.status not in REFUSED:
            raise
        return await _show(site, person, found, grounds=grounds, problem=refused.detail)
    return see_other(f"/inbox/{found.statement_id}")


async def _statement(site: Site, person: Person, statement_id: str) -> Statement:
    try:
        return await site.underseal.send(requests.statement(person.id, statement_id))
    except ApiError as refused:
        if refused.status == NOT_FOUND:
            raise NotFoundException(detail="There is no such message.") from None
        raise


async def _appeals(site: Site, person: Person) -> tuple[Appeal, ...]:
    return (await site.underseal.send(requests.appeals(person.id))).appeals


async def _show(
    site: Site, person: Person, found: Statement, *, grounds: str = "", problem: str = ""
) -> Response[str]:
    appeals = {each.statement_id: each for each in await _appeals(site, person)}
    site.db.execute(
        "update notices set is_read = 1 where person_id = ? and statement_id = ?",
        [person.id, found.statement_id],
    )
    is_open = found.appeal_until is not None and site.clock() < found.appeal_until
    return page(
        site,
        Visitor(person=person),
        "statement.html",
        status=400 if problem else 200,
        statement=found,
        name=name_of(site, person, found.subject),
        headlines=HEADLINES,
        appeal=appeals.get(found.statement_id),
        may_appeal=is_open and found.statement_id not in appeals,
        grounds=grounds,
        problem=problem,
    )


def name_of(site: Site, person: Person, subject: Subject) -> tuple[str, str | None]:
    """Return what a subject is called before somebody, and where it is, if they may see it."""
    visitor = Visitor(person=person)
    match subject.kind:
        case "video":
            clip = clips.find_clip(site, visitor, subject.id)
            if clip is not None:
                return f"the video “{clip.caption}”", f"/v/{clip.id}"
        case "comment":
            comment = clips.find_comment(site, visitor, subject.id)
            if comment is not None:
                return f"the comment “{comment[0].text}”", f"/v/{comment[1]}#{subject.id}"
        case "sound":
            sound = clips.find_sound(site, visitor, subject.id)
            if sound is not None:
                return f"the sound “{sound.title}”", f"/sounds/{sound.id}"
        case "account":
            return _name_of_account(site, visitor, subject.id)
    return f"a {subject.kind}", None


def _name_of_account(site: Site, visitor: Visitor, person_id: str) -> tuple[str, str | None]:
    found = people.find(site, person_id)
    if found is None or not clips.may_see_person(site, visitor, found):
        return "an account", None
    return f"the account @{found.handle}", f"/u/{found.handle}"


handlers = (inbox, statement, appeal)
