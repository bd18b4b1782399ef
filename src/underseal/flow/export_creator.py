"""The answer to a creator who asks for their data: what was disclosed to them, and nothing else.

The structs below are the allow-list. They are filled by the database role that creators' pages use,
which has no right on anything else, so that the answer is the same whether anybody reported or not.

Source:
    GDPR, Article 15(1)(g) gives a right to know where data come from, and Article 15(4) with
    recital 63 bounds it by the rights of others: of reports there is nothing here, not even whether
    there are any. BGH, VI ZR 14/21, 22 February 2022: the source may be withheld for its interests.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Final
from uuid import UUID

import msgspec

from underseal.core.appeal import AppealState
from underseal.core.decision import Automation
from underseal.core.statement import Ground, StatementKind, statement_text
from underseal.core.statement_words import WORDS
from underseal.core.subject import SubjectId, SubjectKind, SubjectRef
from underseal.core.visibility import Level, Visibility
from underseal.flow.creator_view import read_appeals, read_standing, read_statements
from underseal.store.creator import CreatorAppeal, CreatorStrike, DisclosedStatement, Place
from underseal.store.pool import Database
from underseal.store.roles import Role
from underseal.store.visibility import Shown, load_visibility

SCHEMA: Final = "underseal/creator-export/1"

NOT_INCLUDED: Final = (
    "Whether anybody has reported this account or what it owns is not part of this answer, nor who, "
    "when, how often or in which words: it would adversely affect the rights and freedoms of others "
    "(GDPR, Article 15(4)). This sentence stands in every such answer."
)

PAGE: Final = 200
"""Statements that are read at a time. A limit of ours."""


class ExportedSubject(msgspec.Struct, frozen=True, kw_only=True):
    """A subject as the platform names it."""

    kind: SubjectKind
    id: str


class ExportedVisibility(msgspec.Struct, frozen=True, kw_only=True):
    """Who may see a subject now, and by which statement."""

    subject: ExportedSubject
    level: Level
    age_restricted: bool
    labelled: bool
    interaction_limited: bool
    geo_blocked: tuple[str, ...]
    statement_id: UUID | None
    expires_at: datetime | None


class ExportedStatement(msgspec.Struct, frozen=True, kw_only=True):
    """A statement of reasons as it was disclosed; `text` says all of it in words, by language."""

    statement_id: UUID
    subject: ExportedSubject
    kind: StatementKind
    level: Level
    age_restricted: bool
    labelled: bool
    interaction_limited: bool
    geo_blocked: tuple[str, ...]
    ground: Ground | None
    guideline: str | None
    observed: Mapping[str, tuple[str, ...]]
    law: str | None
    moments_ms: tuple[tuple[int, int], ...]
    after_notice: bool
    automated_detection: bool
    automated_decision: Automation
    reasons: str | None
    informed_at: datetime
    expires_at: datetime | None
    appeal_until: datetime | None
    text: Mapping[str, str]


class ExportedAppeal(msgspec.Struct, frozen=True, kw_only=True):
    """An appeal; `reasons` and `decided_at` come with its decision."""

    appeal_id: UUID
    statement_id: UUID
    state: AppealState
    grounds: str
    lodged_at: datetime
    reasons: str | None
    decided_at: datetime | None


class ExportedStrike(msgspec.Struct, frozen=True, kw_only=True):
    """A strike: it counts up to, but not on, `expires_on`, and never if it was voided."""

    guideline: str
    weight: int
    issued_on: date
    expires_on: date
    is_voided: bool


class CreatorExport(msgspec.Struct, frozen=True, kw_only=True):
    """All that is told to the owner of an account; lists are as their pages have them."""

    schema: str
    made_at: datetime
    account: str
    not_included: str
    statements: tuple[ExportedStatement, ...]
    appeals: tuple[ExportedAppeal, ...]
    strikes: tuple[ExportedStrike, ...]
    points: int
    visibility: tuple[ExportedVisibility, ...]


async def export_creator(db: Database, account: SubjectRef, now: datetime) -> CreatorExport:
    """Return the answer for the owner of an account; `db` needs no pool but `Role.CREATOR`'s.

    Of an account that nothing was ever said about, it is an answer without statements: nothing tells
    whether there is such an account.
    """
    statements = await _statements(db, account.subject_id)
    standing = await read_standing(db, account.subject_id, now.date())
    about = {account.subject_id: account}
    about.update((each.statement.subject.subject_id, each.statement.subject) for each in statements)
    async with db.transaction(Role.CREATOR) as conn:
        shown = await load_visibility(conn, sorted(about))
    return CreatorExport(
        schema=SCHEMA,
        made_at=now,
        account=account.external_id,
        not_included=NOT_INCLUDED,
        statements=tuple(map(_statement, statements)),
        appeals=tuple(map(_appeal, await read_appeals(db, account.subject_id))),
        strikes=tuple(map(_strike, (*standing.active, *standing.past))),
        points=standing.points,
        visibility=tuple(
            _visibility(ref, shown.get(subject_id)) for subject_id, ref in sorted(about.items())
        ),
    )


async def _statements(db: Database, account: SubjectId) -> Sequence[DisclosedStatement]:
    found: list[DisclosedStatement] = []
    place = None
    while page := await read_statements(db, account, place, PAGE):
        found.extend(page)
        place = Place(disclosed_at=page[-1].disclosed_at, statement_id=page[-1].statement.id)
    return found


def _statement(disclosed: DisclosedStatement) -> ExportedStatement:
    statement = disclosed.statement
    visibility, quoted = statement.visibility, statement.guideline
    return ExportedStatement(
        statement_id=statement.id,
        subject=_subject(statement.subject),
        kind=statement.kind,
        level=visibility.level,
        age_restricted=visibility.age_restricted,
        labelled=visibility.labelled,
        interaction_limited=visibility.interaction_limited,
        geo_blocked=visibility.geo_blocked,
        ground=statement.ground,
        guideline=None if quoted is None else quoted.id,
        observed={} if quoted is None else quoted.observed,
        law=statement.law,
        moments_ms=statement.moments_ms,
        after_notice=statement.after_notice,
        automated_detection=statement.automated_detection,
        automated_decision=statement.automated_decision,
        reasons=statement.reasons,
        informed_at=disclosed.disclosed_at,
        expires_at=statement.expires_at,
        appeal_until=disclosed.appeal_until,
        text={language: statement_text(statement, language) for language in sorted(WORDS)},
    )


def _appeal(appeal: CreatorAppeal) -> ExportedAppeal:
    return ExportedAppeal(
        appeal_id=appeal.appeal_id,
        statement_id=appeal.statement_id,
        state=appeal.state,
        grounds=appeal.grounds,
        lodged_at=appeal.lodged_at,
        reasons=appeal.reasons,
        decided_at=appeal.decided_at,
    )


def _strike(strike: CreatorStrike) -> ExportedStrike:
    return ExportedStrike(
        guideline=strike.guideline,
        weight=strike.weight,
        issued_on=strike.issued_on,
        expires_on=strike.expires_on,
        is_voided=strike.is_voided,
    )


def _visibility(ref: SubjectRef, shown: Shown | None) -> ExportedVisibility:
    visibility = Visibility() if shown is None else shown.visibility
    return ExportedVisibility(
        subject=_subject(ref),
        level=visibility.level,
        age_restricted=visibility.age_restricted,
        labelled=visibility.labelled,
        interaction_limited=visibility.interaction_limited,
        geo_blocked=visibility.geo_blocked,
        statement_id=None if shown is None else shown.statement_id,
        expires_at=None if shown is None else shown.expires_at,
    )


def _subject(ref: SubjectRef) -> ExportedSubject:
    return ExportedSubject(kind=ref.kind, id=ref.external_id)
