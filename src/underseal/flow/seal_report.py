"""What is stored of a report: the row, with everything in it that is encrypted or hashed.

Whoever reads a note, or checks the digest of a stored report, uses `note_place` and
`digest_of_row`, which are how they were made.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from hmac import digest
from typing import Final

from underseal.core.guideline import GuidelineId
from underseal.core.ledger import report_digest
from underseal.core.report import Moment, Tag, quarter_of
from underseal.core.subject import SubjectId, SubjectRef
from underseal.seal.keys import KeyRing
from underseal.seal.receipt import receipt
from underseal.seal.redacted import Redacted
from underseal.seal.reporter import SealedReporter
from underseal.seal.vault import DataKey, encrypt_note
from underseal.store.reports import OpenRound, ReportRow

_CONTENT: Final = b"underseal/content/1\0"


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Filing(Redacted):
    """What somebody reports, without who they are.

    `note` is empty where there is none; `moments` are in order, none twice. A notice alleges
    illegality and may name the `law`. `may_be_guessed` is the reporter's warned choice.
    `by_trusted_flagger` is the platform's word on a notice, and never the reporter's own.
    """

    subject: SubjectRef
    guideline: GuidelineId
    note: str
    moments: tuple[Moment, ...]
    is_notice: bool
    law: str | None
    may_be_guessed: bool
    by_trusted_flagger: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class SealedReport(Redacted):
    """The row to store, its digest, and the token of its receipt."""

    row: ReportRow
    digest: bytes
    token: str


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Desk(Redacted):
    """What the reports of a batch are sealed with.

    `taxonomy` is the version of the guidelines; `rounds` gives, for each subject reported, the
    round that is open and the key of the notes about it.
    """

    keys: KeyRing
    taxonomy: str
    today: date
    rounds: Mapping[SubjectId, tuple[OpenRound, DataKey]]

    def seal(
        self, filing: Filing, subject_id: SubjectId, reporter: SealedReporter, tag: Tag
    ) -> SealedReport:
        """Make the row of a report that is to be stored under `tag`."""
        open_round, data_key = self.rounds[subject_id]
        place = note_place(subject_id, open_round.round, filing.guideline, tag)
        # Both always: how long it takes shows no more than the receipt does.
        own, given = (
            receipt(self.keys, subject_id, round_, filing.guideline, tag, day=self.today)
            for round_ in (open_round.round, open_round.receipt_round)
        )
        row = ReportRow(
            subject_id=subject_id,
            round=open_round.round,
            guideline=filing.guideline,
            tag=tag,
            pseudonym=reporter.pseudonym,
            taxonomy=self.taxonomy,
            reported_in=quarter_of(self.today),
            moments=filing.moments,
            note=encrypt_note(data_key, filing.note, place) if filing.note else None,
            content=content_digest(data_key, place, filing.moments, filing.note),
            is_notice=filing.is_notice,
            law=filing.law,
            by_trusted_flagger=filing.by_trusted_flagger,
            may_be_guessed=filing.may_be_guessed,
            after_outcome=open_round.outcome_visible,
            receipt=own.digest,
            earlier_receipt=None if given == own else given.digest,
        )
        return SealedReport(row=row, digest=digest_of_row(row), token=given.token)


def note_place(subject_id: SubjectId, round_: int, guideline: GuidelineId, tag: Tag) -> bytes:
    """Return where a report's note belongs: the `aad` that it is encrypted and read with."""
    return subject_id.bytes + round_.to_bytes(8) + tag + guideline.encode()


def digest_of_row(row: ReportRow) -> bytes:
    """Compute what is stored as `sealed`: the digest of the row."""
    return report_digest(
        {
            "subject_id": row.subject_id.hex,
            "round": row.round,
            "guideline": row.guideline,
            "tag": row.tag.hex(),
            "pseudonym": row.pseudonym and row.pseudonym.hex(),
            "taxonomy": row.taxonomy,
            "reported_in": row.reported_in.isoformat(),
            "moments": [[moment.start_ms, moment.end_ms] for moment in row.moments],
            "note": row.note and hashlib.sha256(row.note).hexdigest(),
            "content": row.content.hex(),
            "is_notice": row.is_notice,
            "law": row.law,
            "by_trusted_flagger": row.by_trusted_flagger,
            "may_be_guessed": row.may_be_guessed,
            "after_outcome": row.after_outcome,
            "receipt": row.receipt.hex(),
            "earlier_receipt": row.earlier_receipt and row.earlier_receipt.hex(),
        }
    )


def content_digest(data_key: DataKey, place: bytes, moments: Sequence[Moment], note: str) -> bytes:
    """Hash note and moments, so that a repeat is recognised until the note's key is destroyed."""
    stretches = b"".join(
        moment.start_ms.to_bytes(4) + moment.end_ms.to_bytes(4) for moment in moments
    )
    parts = (place, stretches, note.encode())
    message = _CONTENT + b"".join(len(part).to_bytes(4) + part for part in parts)
    return digest(data_key, message, "sha256")
