"""What the evidence needs of the reports of one subject: bounded, however many there are."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from underseal.core.cliques import PSEUDONYMS_MAX, CoReports, SharedSubject, count_joint
from underseal.core.decision import Outcome
from underseal.core.guideline import GuidelineId
from underseal.core.ledger import commitment
from underseal.core.report import CountedReport, Pseudonym
from underseal.core.subject import SubjectId
from underseal.store.ledger import Commitment
from underseal.store.pool import Connection, Row
from underseal.store.queries import load

_SQL: Final = load("dossier")

KNOWN_MAX: Final = 1_000
"""Reports of reporters with a track record that are weighed one by one, the longest first. A limit
of ours."""

NEW_MAX: Final = 100
"""Reports of other reporters, for each guideline. A limit of ours: so many voices add as much as new
ones ever do, even if each says the least it can (`core.evidence`)."""


OTHERS_MAX: Final = 500
"""Other subjects of one reporter that are compared with other reporters'. A limit of ours."""

POPULARITY_MAX: Final = 10_000
"""So far the reports of a shared subject are counted: beyond, it hardly weighs less. A limit of
ours."""


async def reports_of_round(
    conn: Connection, subject_id: SubjectId, round_: int
) -> tuple[CountedReport, ...]:
    """Return the reports of a round that the evidence can gain by."""
    rows = await conn.fetch(_SQL["reports_of_round"], subject_id, round_, KNOWN_MAX, NEW_MAX)
    return tuple(_report(row, subject_id, round_) for row in rows)


async def creditable_reports(
    conn: Connection, subject_id: SubjectId, round_: int
) -> tuple[CountedReport, ...]:
    """Return every report of a round that can earn credit: by an account, before an outcome."""
    rows = await conn.fetch(_SQL["all_reports_of_round"], subject_id, round_)
    return tuple(_report(row, subject_id, round_) for row in rows)


async def co_reports(
    conn: Connection, subject_id: SubjectId, strongest: Sequence[Pseudonym]
) -> CoReports:
    """Return how much the strongest reporters of a subject have reported together elsewhere."""
    rows = await conn.fetch(
        _SQL["shared_subjects"],
        subject_id,
        strongest[:PSEUDONYMS_MAX],
        OTHERS_MAX,
        POPULARITY_MAX,
    )
    return count_joint(
        SharedSubject(
            reporters=frozenset(map(Pseudonym, row["reporters"])),
            reporters_count=row["reporters_count"],
            organic_views=row["organic_views"],
            is_cleared=row["is_cleared"],
        )
        for row in rows
    )


async def spent_budgets(
    conn: Connection,
    creator_id: SubjectId | None,
    subject_id: SubjectId,
    reporters: Sequence[Pseudonym],
    *,
    since: datetime,
    until: datetime | None = None,
    effects_max: int,
) -> frozenset[Pseudonym]:
    """Return those reporters who stood behind `effects_max` visible effects on a creator.

    Effects count that took place from `since` on, and before `until`, if that is given. What belongs
    to nobody known has no creator.
    """
    rows = await conn.fetch(
        _SQL["spent_budgets"], creator_id, subject_id, since, reporters, effects_max, until
    )
    return frozenset(Pseudonym(row["pseudonym"]) for row in rows)


async def count_reports(conn: Connection, subject_id: SubjectId, round_: int) -> Commitment:
    """Return what the reports of a round add up to, by what was sealed as each was filed."""
    sealed = [row["sealed"] for row in await conn.fetch(_SQL["sealed"], subject_id, round_)]
    return Commitment(reports=len(sealed), root=commitment(sealed))


async def findings_on_version(
    conn: Connection, subject_id: SubjectId, version: int
) -> tuple[tuple[GuidelineId | None, Outcome], ...]:
    """Return what moderators have found on a version, the oldest first."""
    rows = await conn.fetch(_SQL["findings_on_version"], subject_id, version)
    return tuple((row["guideline"], Outcome(row["outcome"])) for row in rows)


def _report(row: Row, subject_id: SubjectId, round_: int) -> CountedReport:
    return CountedReport(
        subject_id=subject_id,
        round=round_,
        guideline=GuidelineId(row["guideline"]),
        pseudonym=row["pseudonym"] and Pseudonym(row["pseudonym"]),
        after_outcome=row["after_outcome"],
        may_be_guessed=row["may_be_guessed"],
        is_notice=row["is_notice"],
        by_trusted_flagger=row["by_trusted_flagger"],
    )
