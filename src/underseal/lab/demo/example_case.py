"""A case on the example site: somebody's window is in a video, and a moderator takes it down."""

import asyncio
import re
from typing import Final

import httpx

from underseal import app
from underseal.core.case import CaseState, ModeratorId
from underseal.core.decision import Finding, Outcome, Verdict
from underseal.core.guideline import GuidelineId
from underseal.core.report import Moment
from underseal.core.subject import SubjectKind, SubjectRef
from underseal.flow.decide import Submission, decide
from underseal.flow.file_report import Filer
from underseal.flow.seal_report import Filing
from underseal.flow.take_case import take_one
from underseal.lab.demo.stage import Stage
from underseal.store import cases, trail
from underseal.store.cases import CaseId
from underseal.store.roles import Role

PROFILE: Final = "/u/cleo"
"""Whose oldest video shows a street."""

GUIDELINE: Final = GuidelineId("personal_data")
NOTE: Final = "The yellow window on the left is mine, and everybody now knows when I am at home."
LAW: Final = "The right to be left alone at one's own window"
WINDOW: Final = Moment(start_ms=1_000, end_ms=4_500)

PATIENCE_S: Final = 60.0
LOOK_S: Final = 0.2
"""Settings: how long the worker may take to queue it, and how often is looked."""


async def moderate_example(stage: Stage) -> str:
    """Report a video of the example site, and let a moderator decide; return the receipt."""
    async with httpx.AsyncClient(base_url=stage.example_url) as loop:
        profile = (await loop.get(PROFILE)).raise_for_status().text
    name = re.findall(r'href="/v/([^"#]+)"', profile)[-1]
    filing = Filing(
        subject=SubjectRef(kind=SubjectKind.VIDEO, external_id=name),
        guideline=GUIDELINE,
        note=NOTE,
        moments=(WINDOW,),
        is_notice=True,
        law=LAW,
        may_be_guessed=False,
    )
    system = stage.system
    async with Filer(system.db, system.keys, system.guidelines, app.clock) as filer:
        receipt = await filer.file(filing, "a neighbour")
    async with asyncio.timeout(PATIENCE_S):
        case_id = await _queued(stage, filing.subject)
    moderator = ModeratorId(stage.access.colleague.principal_id)
    verdict = Verdict(outcome=Outcome.REMOVE, guideline=GUIDELINE, finding=Finding.ACTIONED)
    given = Submission(verdict=verdict, observed=(0,), moments=(WINDOW,))
    await take_one(system, case_id, moderator, app.clock())
    await decide(system, case_id, moderator, given, app.clock())
    return receipt


async def _queued(stage: Stage, subject: SubjectRef) -> CaseId:
    """Wait until the worker has put the case about a subject into the queue."""
    while True:
        async with stage.system.db.transaction(Role.CONSOLE) as conn:
            case_id = await trail.newest_case(conn, subject.subject_id)
            case = None if case_id is None else await cases.load_case(conn, case_id)
        if case is not None and case.state is CaseState.QUEUED:
            return case.case_id
        await asyncio.sleep(LOOK_S)
