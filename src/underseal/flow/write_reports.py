"""Write reports that are sealed, in one transaction, and make the receipts that are given for them.

Whoever adds to a report by its receipt files it once more: what is written is the same either way.
"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from underseal.core.subject import SubjectId, SubjectRef
from underseal.flow.seal_report import Desk, Filing
from underseal.seal.box import KEY_BYTES
from underseal.seal.keys import KeyRing
from underseal.seal.redacted import Redacted
from underseal.seal.reporter import SealedReporter
from underseal.seal.vault import new_data_key, unwrap, wrap
from underseal.store.connection import Connection
from underseal.store.reports import SealedIdentity, add_supplements, file_reports, open_rounds


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class UnwrittenReport(Redacted):
    """What somebody reports, who they are as far as it may be stored, and the subject's id."""

    filing: Filing
    subject_id: SubjectId
    reporter: SealedReporter


async def open_desk(
    conn: Connection,
    keys: KeyRing,
    taxonomy: str,
    subjects: Mapping[SubjectId, SubjectRef],
    today: date,
) -> Desk:
    """Open the rounds of subjects, and see to it that each has a key for the notes about it."""
    rounds = await open_rounds(conn, subjects, {}, today)
    keyless = {
        subject_id: subjects[subject_id]
        for subject_id, open_round in rounds.items()
        if open_round.note_key is None
    }
    if keyless:
        new_keys = {
            subject_id: wrap(keys.notes, new_data_key(os.urandom(KEY_BYTES)), subject_id)
            for subject_id in keyless
        }
        rounds |= await open_rounds(conn, keyless, new_keys, today)
    return Desk(
        keys=keys,
        taxonomy=taxonomy,
        today=today,
        rounds={
            subject_id: (open_round, unwrap(keys.notes, open_round.note_key, subject_id))
            for subject_id, open_round in rounds.items()
        },
    )


async def write_reports(
    conn: Connection, desk: Desk, reports: Sequence[UnwrittenReport]
) -> list[str]:
    """Write reports of the rounds that are open at a desk, and return the tokens of their receipts.

    Nobody is notified: `NOTIFY` makes commits wait for each other, and the workers look for
    pending assessments five times a second.
    """
    sealed = [
        desk.seal(each.filing, each.subject_id, each.reporter, each.reporter.tag)
        for each in reports
    ]
    filed = await file_reports(
        conn,
        [report.row for report in sealed],
        [report.digest for report in sealed],
        [b"".join(each.reporter.previous_tags) or None for each in reports],
        _identities(reports),
        month=desk.today.replace(day=1),
    )
    # The same person may have reported under the tag of an earlier year: that report stands.
    sealed = [
        report
        if report.row.tag == stored.tag
        else desk.seal(each.filing, each.subject_id, each.reporter, stored.tag)
        for each, report, stored in zip(reports, sealed, filed, strict=True)
    ]
    repeats = [
        report.row
        for report, stored in zip(sealed, filed, strict=True)
        if not stored.is_new and (report.row.note or report.row.moments)
    ]
    if repeats:
        await add_supplements(conn, repeats)
    return [report.token for report in sealed]


def _identities(reports: Sequence[UnwrittenReport]) -> list[SealedIdentity]:
    """The identities that are not known to be stored, one a person, in an order of their own."""
    found = {
        reporter.pseudonym: SealedIdentity(
            pseudonym=reporter.pseudonym,
            year=reporter.year,
            sealed=reporter.identity,
            previous=reporter.previous_pseudonym,
        )
        for reporter in (each.reporter for each in reports)
        if reporter.pseudonym is not None and reporter.identity is not None
    }
    return [found[pseudonym] for pseudonym in sorted(found)]
