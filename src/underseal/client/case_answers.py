"""What the API answers moderators: cases as they see them, the queue, and what wants a person."""

from datetime import date, datetime
from typing import Literal

import msgspec

from underseal.client.answers import Moment, Subject

Band = Literal["none", "low", "medium", "high", "very_high"]
"""How strong something is."""


class Believed(msgspec.Struct, frozen=True):
    """How probable it is that a guideline is broken, and how much of it comes from where."""

    id: str
    label: str
    band: Band
    machine_band: Band
    reports_band: Band


class Signal(msgspec.Struct, frozen=True):
    """What a detector says; `detail` is what it read or matched."""

    detector: str
    guideline: str
    band: Band
    moment: Moment | None
    verified: bool
    detail: str


class Inquiry(msgspec.Struct, frozen=True):
    """What a moderator asked a reporter, and what they answered, if they have."""

    question: str
    unverified_answer: str | None


class Report(msgspec.Struct, frozen=True):
    """A report under an alias; `unverified_notes` are what its reporter says."""

    alias: str
    guideline: str
    is_notice: bool
    by_trusted_flagger: bool
    unverified_notes: tuple[str, ...]
    moments: tuple[Moment, ...]
    inquiries: tuple[Inquiry, ...]


class EarlierDecision(msgspec.Struct, frozen=True):
    """An earlier decision; `is_overturned` if an appeal changed it."""

    outcome: str
    guideline: str | None
    decided_on: date
    is_overturned: bool


class CreatorStanding(msgspec.Struct, frozen=True):
    """What counts against the creator today."""

    points: int
    active_strikes: int


class UnderAppeal(msgspec.Struct, frozen=True):
    """What an appeal is against, and what the creator says."""

    grounds: str
    first: EarlierDecision


class Case(msgspec.Struct, frozen=True):
    """A case as moderators see it; reports stand in the order of their aliases."""

    case_id: str
    kind: Literal["review", "appeal"]
    state: str
    subject: Subject
    version: int
    caption: str
    language: str
    has_media: bool
    round: int
    lane: str
    because: str
    due_at: datetime | None
    lease_until: datetime | None
    guidelines: tuple[Believed, ...]
    signals: tuple[Signal, ...]
    reports: tuple[Report, ...]
    earlier_decisions: tuple[EarlierDecision, ...]
    creator_standing: CreatorStanding
    appeal: UnderAppeal | None


class Lane(msgspec.Struct, frozen=True):
    """How many cases of a kind wait in a lane."""

    kind: Literal["review", "appeal"]
    lane: str
    waiting: int


class Queue(msgspec.Struct, frozen=True):
    """How many cases wait."""

    lanes: tuple[Lane, ...]


class Term(msgspec.Struct, frozen=True):
    """A term of a sum, in nats; None stands for infinity."""

    name: str
    nats: float | None


class Assessment(msgspec.Struct, frozen=True):
    """The log-odds that a guideline is broken, and the terms that add up to them."""

    guideline: str
    log_odds: float | None
    machine: float | None
    terms: tuple[Term, ...]


class Explanation(msgspec.Struct, frozen=True):
    """The newest assessments of a case, the most probable breach first."""

    assessments: tuple[Assessment, ...]


class Submitted(msgspec.Struct, frozen=True):
    """A decision that was taken, or a draft that waits for a second person, up to `waits_until`.

    One of the two has its id. What follows from a decision takes place at its tick.
    """

    decision_id: str | None = None
    draft_id: str | None = None
    waits_until: datetime | None = None


class Unconfirmed(msgspec.Struct, frozen=True):
    """A draft that waits for a second person; `made_by` is the principal who submitted it."""

    draft_id: str
    case_id: str
    subject: Subject
    outcome: str
    guideline: str | None
    finding: str
    moments: tuple[Moment, ...]
    observed: tuple[int, ...]
    reasons: str
    made_by: str
    made_by_name: str
    made_at: datetime
    waits_until: datetime


class Confirmations(msgspec.Struct, frozen=True):
    """Drafts that wait, the most urgent first. `cursor` is where to go on, None at the end."""

    confirmations: tuple[Unconfirmed, ...]
    cursor: str | None


class Draft(msgspec.Struct, frozen=True):
    """What became of a draft; `word` is why it came back, and empty if it has not."""

    draft_id: str
    case_id: str
    state: str
    word: str


class Charge(msgspec.Struct, frozen=True):
    """That the reports which a decision ended were made up, says who took it."""

    decision_id: str
    case_id: str
    subject: Subject
    made_by: str
    made_by_name: str
    made_at: datetime
    waits_until: datetime


class Charges(msgspec.Struct, frozen=True):
    """Charges that wait, the oldest first. `cursor` is where to go on, None at the end."""

    charges: tuple[Charge, ...]
    cursor: str | None


class KnownContent(msgspec.Struct, frozen=True):
    """What machines recognise from now on, by so many of its frames."""

    item_id: str
    frames: int
    verified: bool


class Incident(msgspec.Struct, frozen=True):
    """What went wrong and wants a person."""

    incident_id: str
    kind: str
    subject: Subject | None
    detail: str
    raised_at: datetime


class Incidents(msgspec.Struct, frozen=True):
    """Open incidents, the newest first."""

    incidents: tuple[Incident, ...]
