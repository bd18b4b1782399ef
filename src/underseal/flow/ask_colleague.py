"""A moderator asks a colleague about a case, or gives it to leads; nobody outside learns of it."""

from dataclasses import dataclass
from datetime import datetime

from underseal.core.caller import ModeratorRole, PrincipalId
from underseal.core.case import ModeratorId, NotLeasedError
from underseal.core.draft import check_word
from underseal.core.person import Person
from underseal.flow.own_subjects import own_subjects
from underseal.flow.read_case import open_case
from underseal.flow.system import System
from underseal.store import drafts, questions
from underseal.store.cases import CaseId
from underseal.store.questions import Question, QuestionId
from underseal.store.roles import Role


class UnknownColleagueError(Exception):
    """There is nobody like that to ask."""

    def __init__(self) -> None:
        super().__init__("there is nobody like that to ask: pick somebody from the list")


class QuestionClosedError(Exception):
    """The question has an answer already, or is put to somebody else."""

    def __init__(self) -> None:
        super().__init__("this has been answered meanwhile, or is put to somebody else")


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """What is asked of somebody, and what they have asked."""

    put_to: tuple[Question, ...]
    asked: tuple[Question, ...]


async def read_exchange(system: System, person: Person) -> Exchange:
    """Return the questions that somebody can answer, and their own with the answers."""
    async with system.db.transaction(Role.CONSOLE) as conn:
        own = await own_subjects(conn, system, person.principal_id)
        return Exchange(
            put_to=await questions.put_to(conn, person, own),
            asked=await questions.asked_by(conn, person),
        )


async def ask_colleague(
    system: System,
    case_id: CaseId,
    person: Person,
    to: PrincipalId | ModeratorRole,
    body: str,
    *,
    now: datetime,
) -> None:
    """Put a question on a case to a colleague, or to whoever of a role answers first.

    Raises:
        WordLengthError: there is no question, or it is too long.
        UnknownCaseError, NotLeasedError: the asker may not read the case.
        UnknownColleagueError: there is nobody like that.
    """
    said = check_word(body)
    async with system.db.transaction(Role.CONSOLE) as conn:
        await open_case(conn, system, case_id, person, now)
        others = await questions.colleagues(conn, person)
        if not any(to in {each.principal_id, each.role} for each in others):
            raise UnknownColleagueError
        await questions.add_question(
            conn, system.new_id(), case_id, said, by=person.principal_id, to=to, at=now
        )


async def answer_question(
    system: System, question_id: QuestionId, person: Person, body: str, now: datetime
) -> None:
    """Answer a question.

    Raises:
        WordLengthError: there is no answer, or it is too long.
        QuestionClosedError: somebody else was quicker, or it is not put to them.
    """
    said = check_word(body)
    async with system.db.transaction(Role.CONSOLE) as conn:
        if not await questions.answer(conn, question_id, person, said, now):
            raise QuestionClosedError


async def escalate_case(
    system: System, case_id: CaseId, person: Person, word: str, now: datetime
) -> None:
    """Give a leased case to leads, with a word why: only they take it from now on.

    Raises:
        WordLengthError: there is no word, or it is too long.
        NotLeasedError: the moderator does not have it, or has decided it.
    """
    said, by = check_word(word), ModeratorId(person.principal_id)
    async with system.db.transaction(Role.CONSOLE) as conn:
        if not await drafts.escalate(conn, case_id, by, said, now):
            raise NotLeasedError
