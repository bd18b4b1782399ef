"""What lies on desks on the last day: questions, a case for leads, what wants a second person."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from underseal.core.case import ModeratorId
from underseal.core.decision import Finding, Outcome, Verdict
from underseal.core.person import Person
from underseal.flow.ask_colleague import (
    answer_question,
    ask_colleague,
    escalate_case,
    read_exchange,
)
from underseal.flow.decide import Submission, decide
from underseal.flow.draft_decision import draft_decision
from underseal.flow.take_case import release_case, take_one
from underseal.lab.seeding.life import Life
from underseal.lab.seeding.posts import Post, violation
from underseal.store.cases import CaseId


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question about a post, from whom to whom; `answer` is empty as long as there is none."""

    about: str
    by: str
    to: str
    question: str
    answer: str = ""


QUESTIONS: Final = (
    Asked(
        about="paraguas",
        by="Mona",
        to="Omar",
        question="Is 'el de siempre' a nickname, or does it only sound like one?",
    ),
    Asked(
        about="cello-cat",
        by="Omar",
        to="Mona",
        question="Does a cat count as a person when it comes to labels?",
        answer="No, but the guideline speaks of scenes that look real, and this one does.",
    ),
)
ESCALATED: Final = (
    "bakery-door",
    "Omar",
    "Two people say where this is. If they are right, somebody should ring them today.",
)
"""About what, by whom, with which word."""

BAN: Final = ("real.lighthouse", "Omar", violation("impersonation"))
"""About what, by whom, which verdict: it waits for a second person."""

CHARGE: Final = (
    "quiet-kettle",
    "Mona",
    Verdict(outcome=Outcome.NO_VIOLATION, guideline=None, finding=Finding.MANIFESTLY_UNFOUNDED),
)
"""The same: it is decided, and that its report was made up waits for a second person."""


async def fill_desks(life: Life, posts: Iterable[Post], people: Iterable[Person]) -> None:
    """Let colleagues ask each other, give a case to leads, and wait for a second person."""
    by_name = {each.name: each for each in people}
    by_id = {each.ref.external_id: each for each in posts}
    for asked in QUESTIONS:
        case_id = await _take(life, by_id[asked.about], by_name[asked.by])
        await _ask(life, case_id, asked, by_name)
    about, by, word = ESCALATED
    case_id = await _take(life, by_id[about], by_name[by])
    await escalate_case(life.system, case_id, by_name[by], word, life.now)
    about, by, verdict = BAN
    case_id = await _take(life, by_id[about], by_name[by])
    await draft_decision(life.system, case_id, by_name[by], Submission(verdict=verdict), life.now)
    about, by, verdict = CHARGE
    case_id = await _take(life, by_id[about], by_name[by])
    moderator = ModeratorId(by_name[by].principal_id)
    await decide(life.system, case_id, moderator, Submission(verdict=verdict), life.now)


async def _take(life: Life, post: Post, person: Person) -> CaseId:
    case = await life.case(post)
    assert case is not None, "it waits"
    await take_one(life.system, case.case_id, ModeratorId(person.principal_id), life.now)
    return case.case_id


async def _ask(life: Life, case_id: CaseId, asked: Asked, by_name: Mapping[str, Person]) -> None:
    asker, other = by_name[asked.by], by_name[asked.to]
    await ask_colleague(
        life.system, case_id, asker, other.principal_id, asked.question, now=life.now
    )
    moderator = ModeratorId(asker.principal_id)
    await release_case(life.system, case_id, moderator, not_me=False)
    if asked.answer:
        (put,) = (await read_exchange(life.system, other)).put_to
        await answer_question(life.system, put.question_id, other, asked.answer, life.now)
