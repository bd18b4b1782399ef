"""What the API answers, as records. Fields that this version does not know are passed over."""

from datetime import date, datetime
from typing import Literal

import msgspec

Kind = Literal["video", "account", "comment", "sound"]
Level = Literal["public", "not_recommended", "held", "removed"]


class Subject(msgspec.Struct, frozen=True):
    """A subject as the platform names it."""

    kind: Kind
    id: str


class Moment(msgspec.Struct, frozen=True):
    """A stretch of a video, `[start_ms, end_ms)`, milliseconds."""

    start_ms: int
    end_ms: int


class Filed(msgspec.Struct, frozen=True):
    """A report that is on disk. `receipt` is the reporter's secret."""

    receipt: str
    state: str

    def __repr__(self) -> str:
        return f"Filed(state={self.state!r})"


class BulkResult(msgspec.Struct, frozen=True):
    """One report of a bulk: filed, or refused for the reason in `problem`."""

    receipt: str | None = None
    state: str | None = None
    problem: dict[str, object] | None = None


class BulkFiled(msgspec.Struct, frozen=True):
    """The results of a bulk, in the order of its reports."""

    results: tuple[BulkResult, ...]


class Inquiry(msgspec.Struct, frozen=True):
    """What a moderator asks a reporter; answer it by `requests.answer_inquiry`."""

    inquiry_id: str
    question: str
    is_answered: bool


class Word(msgspec.Struct, frozen=True):
    """What a reporter is to read before their seal is opened, which is not before `opens_from`."""

    word: str
    opens_from: datetime
    is_refused: bool


class ReceiptState(msgspec.Struct, frozen=True):
    """What a reporter is told of their report, asked, and to read: show them all of it."""

    subject: Subject
    guideline: str
    reported_on: date
    state: Literal["received", "in_review", "action_taken", "no_violation"]
    changed_at: datetime | None
    text: dict[str, str]
    inquiries: tuple[Inquiry, ...]
    words: tuple[Word, ...]


class Forgotten(msgspec.Struct, frozen=True):
    """The account's identities are destroyed by that day; its reports stay."""

    identity_destroyed_by: date


class Visibility(msgspec.Struct, frozen=True):
    """Who may see a subject."""

    subject: Subject
    level: Level
    age_restricted: bool
    labelled: bool
    interaction_limited: bool
    geo_blocked: tuple[str, ...]
    statement_id: str | None = None
    expires_at: datetime | None = None
    changed_at: datetime | None = None


class Registered(msgspec.Struct, frozen=True):
    """The version that stands after a registration; `upload_url` if its media is awaited."""

    subject: Subject
    version: int
    visibility: Visibility
    upload_url: str | None = None


class ManyVisibilities(msgspec.Struct, frozen=True):
    """Visibilities in the order asked for."""

    visibility: tuple[Visibility, ...]


class VisibilityChanges(msgspec.Struct, frozen=True):
    """A page of the change feed; ask for the next one with `cursor`."""

    changes: tuple[Visibility, ...]
    cursor: str


class Counted(msgspec.Struct, frozen=True):
    """How many subjects were counted, and how many were unknown, repeated or too late."""

    counted: int
    ignored: int


class Effect(msgspec.Struct, frozen=True):
    """What a statement is about: who may see the subject because of it."""

    level: Level
    age_restricted: bool
    labelled: bool
    interaction_limited: bool
    geo_blocked: tuple[str, ...]


class QuotedGuideline(msgspec.Struct, frozen=True):
    """A guideline as it stood, by language, with those of its examples that were observed."""

    id: str
    label: dict[str, str]
    text: dict[str, str]
    observed: dict[str, tuple[str, ...]]


class Statement(msgspec.Struct, frozen=True):
    """A statement of reasons for a creator. `text` says all of it in words, by language."""

    statement_id: str
    subject: Subject
    kind: str
    effect: Effect
    ground: Literal["guideline", "law"] | None
    guideline: QuotedGuideline | None
    law: str | None
    moments: tuple[Moment, ...]
    after_notice: bool
    automated_detection: bool
    automated_decision: Literal["fully", "partially", "not_automated"]
    reasons: str | None
    informed_at: datetime
    expires_at: datetime | None
    appeal_until: datetime | None
    text: dict[str, str]


class Statements(msgspec.Struct, frozen=True):
    """A page of statements, the newest first; `cursor` is None at the end."""

    statements: tuple[Statement, ...]
    cursor: str | None


class Strike(msgspec.Struct, frozen=True):
    """A strike: it counts up to, but not on, `expires_on`, and never if it was voided."""

    guideline: str
    weight: int
    issued_on: date
    expires_on: date
    is_voided: bool


class Standing(msgspec.Struct, frozen=True):
    """What counts against an account today, and what did before."""

    points: int
    active: tuple[Strike, ...]
    past: tuple[Strike, ...]


class LodgedAppeal(msgspec.Struct, frozen=True):
    """An appeal that somebody else will decide."""

    appeal_id: str
    state: str


class Appeal(msgspec.Struct, frozen=True):
    """An appeal; `reasons` and `decided_at` come with its decision."""

    appeal_id: str
    statement_id: str
    state: Literal["lodged", "granted", "refused"]
    lodged_at: datetime
    reasons: str | None
    decided_at: datetime | None


class Appeals(msgspec.Struct, frozen=True):
    """All appeals of an account, the newest first."""

    appeals: tuple[Appeal, ...]


class GuidelineEntry(msgspec.Struct, frozen=True):
    """A guideline as a report dialog shows it."""

    id: str
    label: str
    text: str
    examples: tuple[str, ...]
    affected_person_only: bool
    illegal_notice: bool


class TopicEntry(msgspec.Struct, frozen=True):
    """A topic, which reporters choose first."""

    id: str
    label: str
    guidelines: tuple[GuidelineEntry, ...]


class Guidelines(msgspec.Struct, frozen=True):
    """A version of the guidelines, in the order in which they are shown."""

    version: str
    topics: tuple[TopicEntry, ...]


class Before(msgspec.Struct, frozen=True):
    """What a report dialog says beforehand: always, and of two exceptions where they apply."""

    always: tuple[str, ...]
    notice: tuple[str, ...]
    affected_person_only: tuple[str, ...]


class Taxonomy(Guidelines, frozen=True):
    """What a subject of a kind can be reported for, and what the dialog says before."""

    before: Before


class Endpoint(msgspec.Struct, frozen=True):
    """Where messages of some types are sent."""

    endpoint_id: str
    url: str
    types: tuple[str, ...]
    added_on: date


class NewEndpoint(Endpoint, frozen=True):
    """A new endpoint, with the secret that its messages are signed by: shown once."""

    secret: str

    def __repr__(self) -> str:
        return f"NewEndpoint(endpoint_id={self.endpoint_id!r}, url={self.url!r})"


class Endpoints(msgspec.Struct, frozen=True):
    """The endpoints in use."""

    endpoints: tuple[Endpoint, ...]
