"""What somebody types into the report form, and what it says as a report."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote, urlsplit

import msgspec

from underseal.core.guideline import GuidelineId
from underseal.core.report import MOMENTS_MAX, NOTE_BYTES_MAX, Moment
from underseal.core.subject import InvalidExternalIdError, SubjectKind, SubjectRef
from underseal.core.taxonomy import TopicEntry, taxonomy
from underseal.flow.file_report import PLAYABLE
from underseal.flow.seal_report import Filing
from underseal.flow.system import System
from underseal.web.report_body import LAW_BYTES_MAX

SECOND_MS: Final = 1000

_CLOCK: Final = re.compile(r"(?:(\d{1,2}):)?(\d{1,4}):(\d{2})|(\d{1,5})")
_DASHES: Final = re.compile(r"\s*[-\N{EN DASH}\N{EM DASH}]\s*")
_LINK: Final = re.compile(r"https?://\S+", re.IGNORECASE)

Errors = Mapping[str, str]
"""Of each field that is wrong, the key of what is said about it."""


class ReportForm(msgspec.Struct, frozen=True):
    """The form as it was sent: all of it is what somebody typed or chose."""

    step: str = ""
    kind: str = ""
    subject: str = ""
    topic: str = ""
    guideline: str = ""
    moments: str = ""
    note: str = ""
    illegal: str = ""
    law: str = ""
    good_faith: str = ""
    guessed: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """What is to be reported and for which topic: the first step of the form."""

    subject: SubjectRef
    topic: TopicEntry


class FormError(Exception):
    """Fields of the form are wrong."""

    def __init__(self, errors: Errors) -> None:
        super().__init__(", ".join(errors))
        self.errors = errors


def read_subject(form: ReportForm, system: System, language: str) -> Named:
    """Return what the first step says.

    Raises:
        FormError: it does not say all that it must.
    """
    errors: dict[str, str] = {}
    kind = next((each for each in SubjectKind if each == form.kind), None)
    if kind is None:
        errors["kind"] = "error.kind"
    ref = None
    try:
        ref = SubjectRef(kind=kind or SubjectKind.VIDEO, external_id=external_id(form.subject))
    except InvalidExternalIdError:
        errors["subject"] = "error.subject" if form.subject.strip() else "error.subject_missing"
    topics = taxonomy(system.guidelines, language, kind).topics if kind else ()
    topic = next((each for each in topics if each.id == form.topic), None)
    if topic is None and kind is not None:
        errors["topic"] = "error.topic_kind" if form.topic else "error.topic"
    elif not form.topic:
        errors["topic"] = "error.topic"
    if errors or ref is None or topic is None:
        raise FormError(errors)
    return Named(subject=ref, topic=topic)


def read_filing(form: ReportForm, named: Named) -> Filing:
    """Return the report that the form makes.

    Raises:
        FormError: it makes none.
    """
    errors: dict[str, str] = {}
    chosen = next((each for each in named.topic.guidelines if each.id == form.guideline), None)
    if chosen is None:
        errors["guideline"] = "error.guideline"
    moments: tuple[Moment, ...] = ()
    if form.moments.strip() and named.subject.kind in PLAYABLE:
        try:
            moments = read_moments(form.moments)
        except ValueError:
            errors["moments"] = "error.moments"
    if not _fits(form.note, NOTE_BYTES_MAX):
        errors["note"] = "error.note"
    if form.illegal:
        if chosen is not None and not chosen.illegal_notice:
            errors["illegal"] = "error.illegal"
        if not form.law.strip() or not _fits(form.law, LAW_BYTES_MAX):
            errors["law"] = "error.law"
        if not form.good_faith:
            errors["good_faith"] = "error.good_faith"
    if errors:
        raise FormError(errors)
    return Filing(
        subject=named.subject,
        guideline=GuidelineId(form.guideline),
        note=form.note.strip(),
        moments=moments,
        is_notice=bool(form.illegal),
        law=form.law.strip() if form.illegal else None,
        may_be_guessed=bool(form.guessed),
    )


def external_id(typed: str) -> str:
    """Return the id in what somebody typed: itself, or the end of the path of a link."""
    text = typed.strip()
    if not _LINK.fullmatch(text):
        return text
    try:
        path = urlsplit(text).path
    except ValueError:
        return ""
    return unquote(path.rstrip("/").rpartition("/")[2]).removeprefix("@")


def read_moments(typed: str) -> tuple[Moment, ...]:
    """Return the stretches in `0:12-0:25, 1:03`: a place alone is a second long.

    Raises:
        ValueError: it says none, too many, or not what they are.
    """
    found = set()
    for part in filter(str.strip, re.split(r"[,;\n]", typed)):
        ends = [_ms(each) for each in _DASHES.split(part.strip())]
        if len(ends) not in {1, 2}:
            raise ValueError("a stretch has a beginning and an end")
        found.add(Moment(start_ms=ends[0], end_ms=ends[1] if ends[1:] else ends[0] + SECOND_MS))
    if not 1 <= len(found) <= MOMENTS_MAX:
        raise ValueError("too many stretches, or none")
    return tuple(sorted(found))


def _ms(clock: str) -> int:
    found = _CLOCK.fullmatch(clock)
    if found is None:
        raise ValueError("this is no place in a video")
    hours, minutes, seconds, alone = found.groups(default="0")
    return (int(hours) * 3600 + int(minutes) * 60 + int(seconds) + int(alone)) * SECOND_MS


def _fits(text: str, bytes_max: int) -> bool:
    return len(text.strip().encode()) <= bytes_max
