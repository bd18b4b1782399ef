"""Somebody who asks reporters, and reporters who answer, as tests go about it."""

import re
from dataclasses import dataclass

from stage import Stage

from underseal.core.caller import ModeratorRole, PrincipalId
from underseal.core.case import ModeratorId
from underseal.core.person import Person
from underseal.core.subject import SubjectRef
from underseal.flow.answer_inquiry import answer_inquiry
from underseal.flow.file_report import Filer
from underseal.flow.inquire import inquire
from underseal.flow.read_case import CaseFile, ReportView, read_case
from underseal.flow.read_inquiries import ReceivedInquiry
from underseal.flow.read_receipt import read_receipt
from underseal.flow.take_case import take_one
from underseal.store.cases import CaseId

QUESTION = "Which of the two people do you mean?"
ANSWER = "I mean the tall one with the red umbrella."


def person(principal: PrincipalId, role: ModeratorRole = ModeratorRole.MODERATOR) -> Person:
    return Person(principal_id=principal, name="mona", role=role)


async def file(stage: Stage, ref: SubjectRef, guideline: str, reporter: str | None, **given) -> str:
    """Somebody reports; return the receipt."""
    system = stage.system
    async with Filer(system.db, system.keys, system.guidelines, lambda: stage.now) as filer:
        return await filer.file(stage.filing(ref, guideline, **given), reporter)


@dataclass
class Interview:
    """A case that somebody has, and whoever reported in it."""

    stage: Stage
    case_id: CaseId
    by: Person

    @classmethod
    async def begin(cls, stage: Stage, ref: SubjectRef, by: PrincipalId) -> "Interview":
        """Queue a subject, and let somebody take it."""
        interview = cls(stage, await stage.enqueue(ref), person(by))
        await interview.take()
        return interview

    async def take(self) -> None:
        """Take the case, for the first time or again after the lease has run out."""
        by = ModeratorId(self.by.principal_id)
        await take_one(self.stage.system, self.case_id, by, self.stage.now)

    async def file(self) -> CaseFile:
        return await read_case(self.stage.system, self.case_id, self.by, self.stage.now)

    async def report(self, note: str) -> ReportView:
        """What is read of the report with a note."""
        (found,) = [each for each in (await self.file()).reports if note in each.notes]
        return found

    async def ask(self, whom: ReportView, question: str = QUESTION) -> None:
        await inquire(
            self.stage.system, self.case_id, self.by, whom.handle, question, now=self.stage.now
        )


async def asked(stage: Stage, receipt: str) -> tuple[ReceivedInquiry, ...]:
    """What stands with a receipt."""
    return (await read_receipt(stage.system, receipt, stage.now)).inquiries


async def answer(stage: Stage, receipt: str, text: str = ANSWER) -> None:
    """Answer the one question that stands with a receipt."""
    (question,) = await asked(stage, receipt)
    await answer_inquiry(stage.system, receipt, question.inquiry_id, text, stage.now)


def handles(text: str) -> list[str]:
    """The handles in the forms of a page."""
    return re.findall(r'name="report" value="([0-9a-f]{32})"', text)
