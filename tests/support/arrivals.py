"""Arrivals: the same reports, in whatever order and at whatever times they come.

After them the hour ends, and colleagues do the same in each world.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from browsing import Site
from deciding import CLEAR
from scenery import World, comment, video

from underseal.core.caller import ModeratorRole
from underseal.core.report import Moment
from underseal.core.subject import SubjectKind, SubjectRef
from underseal.flow.complain import complain
from underseal.store.connection import session

ACCOUNT = SubjectRef(kind=SubjectKind.ACCOUNT, external_id="eve")
"""Known from reports only."""


@dataclass(frozen=True, kw_only=True)
class Arrival:
    """A report, by the number of its reporter (None: without an account); or a complaint."""

    ref: SubjectRef
    guideline: str = ""
    by: int | None = None
    note: str = ""
    at_ms: int | None = None
    is_notice: bool = False
    is_complaint: bool = False

    @property
    def moments(self) -> tuple[Moment, ...]:
        if self.at_ms is None:
            return ()
        return (Moment(start_ms=self.at_ms, end_ms=self.at_ms + 500),)


ARRIVALS = (
    *(
        Arrival(ref=video("v1"), guideline="phishing", by=by, note=f"note {by}", at_ms=by * 700)
        for by in range(5)
    ),
    Arrival(ref=video("v1"), guideline="spam", by=5, at_ms=700),
    Arrival(ref=video("v1"), guideline="phishing", by=0, note="and see the end", at_ms=9_000),
    Arrival(ref=video("v2"), guideline="despair", by=1, at_ms=100),
    Arrival(ref=video("v2"), guideline="bullying", by=6, at_ms=100),
    Arrival(ref=video("v2"), guideline="hate_incitement", by=7, at_ms=100),
    Arrival(ref=video("v3"), guideline="despair", by=8, note="is it meant so?"),
    Arrival(ref=video("v3"), guideline="despair", by=9, at_ms=100),
    *(Arrival(ref=video("v3"), guideline="spam", by=by) for by in (0, 1, 6)),
    Arrival(ref=video("v3"), guideline="phishing", by=5),
    Arrival(ref=video("v4"), guideline="phishing", by=2, is_notice=True),
    Arrival(ref=video("v4"), guideline="unoriginal", by=3, at_ms=100),
    Arrival(ref=comment("c1"), guideline="threat_to_life", by=4, note="he will do it"),
    Arrival(ref=comment("c1"), guideline="spam", by=None),
    Arrival(ref=comment("c2"), guideline="bullying", by=5),
    Arrival(ref=ACCOUNT, guideline="impersonation", by=6, note="this is not her"),
    Arrival(ref=ACCOUNT, guideline="suicide_risk", by=None, note="please look soon"),
    Arrival(ref=comment("c5"), by=0, is_complaint=True),
    Arrival(ref=comment("c5"), by=1, is_complaint=True),
    Arrival(ref=comment("c5"), guideline="spam", by=8, note="and it is spam"),
)
RECORDS = (0.95, 0.8, 0.05, 0.7, 0.3, 0.0, 1.0, 0.5)
"""The share of right reports of the first reporters; the others are new."""


async def arrive(
    world: World, arrivals: Sequence[Arrival], draw: random.Random, every: float = 0.4
) -> None:
    """Let reports come within the rest of the hour; after some of them all is assessed anew."""
    stage = world.stage
    times = sorted(draw.sample(range(10, 29 * 60), len(arrivals)))
    begun = stage.now.replace(minute=30, second=0)
    for seconds, each in zip(times, arrivals, strict=True):
        stage.now = begun + timedelta(seconds=seconds)
        world.lots.draw_for(f"arrival {ARRIVALS.index(each)}")
        await _file(world, each)
        if draw.random() < every:
            await stage.assess()
    await stage.assess()
    world.lots.draw_for("the tick")
    await stage.tick()
    await stage.assess()


async def _file(world: World, each: Arrival) -> None:
    if each.is_complaint:
        token = world.scenery.receipts[each.by]
        await complain(world.system, token, f"look again, {each.by}", world.stage.now)
        return
    by_name = {} if not each.is_notice else {"is_notice": True, "law": "an act"}
    reporter = None if each.by is None else world.scenery.reporters[each.by]
    await world.report(
        each.ref, each.guideline, reporter, note=each.note, moments=each.moments, **by_name
    )


async def name_cases(world: World) -> None:
    """Give the new cases ids by what they are about: drawn ones would be others in each world."""
    server = world.scenery.server
    async with session(world.address, server.embedded.superuser()) as owner:
        known = await owner.fetch("select case_id, subject_id, round from underseal.cases")
        for row in known:
            if not await owner.fetchval(
                "select exists (select from underseal.stays s where s.case_id = $1)", row["case_id"]
            ):
                named = UUID(bytes=row["subject_id"].bytes[:15] + bytes([row["round"]]), version=4)
                await owner.execute(
                    "update underseal.cases set case_id = $2 where case_id = $1",
                    row["case_id"],
                    named,
                )


async def moderate(site: Site) -> None:
    """Colleagues do what leaves something on every page."""
    mona, nils = [await site.signed_in(name=name) for name in ("mona", "nils")]
    lars = await site.signed_in(ModeratorRole.LEAD, "lars")
    await lars.post(f"{await _case(site, 'eve')}/take")  # an account takes two people
    draft = {"ground": "impersonation", "outcome": "remove", "go": "1"}
    await lars.post(f"{await _case(site, 'eve')}/decide", data=draft)
    await mona.post("/console/next")
    await mona.post(f"{await _case(site, 'v1')}/take")
    for to in ("lead", str(site.people["nils"])):
        await mona.post(f"{await _case(site, 'v1')}/ask", data={"to": to, "body": "is it satire?"})
    await nils.post(f"{await _case(site, 'v2')}/take")
    await nils.post(f"{await _case(site, 'v2')}/decide", data=CLEAR)
    await nils.post(f"{await _case(site, 'c1')}/take")
    await nils.post(f"{await _case(site, 'c1')}/escalate", data={"body": "too much for me"})


async def _case(site: Site, name: str) -> str:
    """Where the newest case about a subject is."""
    rows = await site.stage.rows(
        "select case_id from cases join subjects using (subject_id) "
        "where external_id = $1 order by cases.round desc",
        name,
    )
    return f"/console/cases/{rows[0]['case_id']}"
