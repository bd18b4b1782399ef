"""What somebody sees who reports the same every day: nothing of when somebody decided."""

from dataclasses import replace

import pytest
from asking import file
from msgspec import structs

from underseal.core.complaint import AlreadyComplainedError, NothingToComplainError
from underseal.flow.audit import audit_all
from underseal.flow.complain import complain
from underseal.flow.export_reporter import export_reporter
from underseal.flow.read_receipt import read_receipt
from underseal.flow.supplement import ReportAnsweredError, supplement
from underseal.flow.take_case import take_one


class Prying:
    """Somebody who reports the same every day, adds to it, complains and asks for all there is.

    On the days `decided_on` somebody decides, after that day's report, that nothing is wrong.
    """

    def __init__(self, stage, ref, decided_on) -> None:
        self.stage, self.ref, self.decided_on = stage, ref, decided_on
        self.tokens, self.seen = [], []

    async def day(self, day: int) -> None:
        stage = self.stage
        token = await file(stage, self.ref, "bullying", "anna", note=f"day {day % 5}")
        self.tokens.append(token)
        if day in self.decided_on:
            moderator = await stage.moderator(f"m {self.ref.external_id} {day}")
            case_id = await stage.enqueue(self.ref)
            await take_one(stage.system, case_id, moderator, stage.now)
            await stage.submit(case_id, moderator, "no_violation")
        assert await file(stage, self.ref, "bullying", "anna", note="and again") == token
        for number, each in enumerate(self.tokens):
            await self.pry(number, each)
        reports = (await export_reporter(stage.system, self.tokens, stage.now)).reports
        self.seen.extend(("export", structs.replace(each, id="")) for each in reports)

    async def pry(self, number: int, token: str) -> None:
        stage = self.stage
        about = (stage.now.date(), number)
        try:
            await supplement(stage.system, token, f"more of {number % 3}", stage.now)
        except ReportAnsweredError:
            self.seen.append((about, "is answered"))
        try:
            await complain(stage.system, token, "look again", stage.now)
            self.seen.append((about, "has complained"))
        except (NothingToComplainError, AlreadyComplainedError) as error:
            self.seen.append((about, type(error)))
        view = await read_receipt(stage.system, token, stage.now)
        self.seen.append((about, replace(view, answer=replace(view.answer, subject=None))))


@pytest.mark.slow
async def test_who_reports_every_day_does_not_see_on_which_day_somebody_decided(stage):
    """Within the time in which each report is looked at; a complaint is a look of its own."""
    lives = []
    for number, days in enumerate(([0, 2, 7], [1, 4, 6], [6], [7], [3, 7])):
        ref = await stage.comment(f"c{number}", f"carl {number}")
        lives.append(Prying(stage, ref, {*days, 12, 13, 19}))
    for day in range(24):
        for life in lives:
            await life.day(day)
        for hours in (12, 12):
            await stage.tick(hours)
    for life in lives[1:]:
        for one, other in zip(lives[0].seen, life.seen, strict=True):
            assert one == other
    said = [entry[1] for entry in lives[0].seen]
    assert said.count("has complained") == 2
    assert [each for each in await audit_all(stage.system, ()) if each.is_fault] == []
