import subprocess
import sys
from calendar import monthrange
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from underseal.core.decision import Automation
from underseal.core.guideline import (
    DefaultAction,
    DisclosureClass,
    Guideline,
    GuidelineId,
    Severity,
    TopicId,
)
from underseal.core.statement import (
    APPEALABLE,
    LEVELS_OF,
    ON_APPEAL,
    RESTRICTIVE,
    AlreadyDisclosedError,
    Ground,
    GuidelineQuote,
    InvalidStatementError,
    NotDisclosedError,
    Statement,
    StatementId,
    StatementKind,
    UnknownExampleError,
    appeal_end,
    inform,
    moments_text,
    quote,
    statement_text,
)
from underseal.core.statement_words import WORDS
from underseal.core.subject import SubjectKind, SubjectRef
from underseal.core.visibility import PUBLIC, Level, Visibility

NOON = datetime(2026, 8, 31, 12, tzinfo=UTC)
GOLDEN = Path(__file__).parent / "golden"

SLURS = Guideline(
    id=GuidelineId("slurs"),
    topic=TopicId("hate"),
    label={"en": "Slurs", "de": "Schimpfwörter", "es": "Insultos"},
    text={
        "en": "Do not attack people for what they are.",
        "de": "Greife niemanden für das an, was er ist.",
        "es": "No ataques a nadie por lo que es.",
    },
    examples={
        "en": ("Calling people animals", "Mocking a disability", "Denying a genocide"),
        "de": ("Menschen als Tiere bezeichnen", "Behinderungen verspotten", "Völkermord leugnen"),
        "es": ("Llamar animales a las personas",),
    },
    subjects=frozenset(SubjectKind),
    severity=Severity.HIGH,
    grave=False,
    base_rate=0.01,
    machine_bound=2.0,
    costs={},
    default_action=DefaultAction.REMOVE,
    disclosure=DisclosureClass.WINDOW,
    strike_weight=1,
    review_hours=24,
    remove_known_content=False,
    affected_person_only=False,
    illegal_notice=True,
    dsa_category="STATEMENT_CATEGORY_ILLEGAL_OR_HARMFUL_SPEECH",
    dsa_keywords=("KEYWORD_HATE_SPEECH",),
    terms=(),
)
QUOTE = quote(SLURS, [0, 2])
REASONS = "The second scene says nothing about anybody's origin."


def statement(kind=StatementKind.REMOVAL, **changes):
    levels = {StatementKind.HOLD: Level.HELD, StatementKind.RESTRICTION: Level.NOT_RECOMMENDED}
    is_restrictive = kind in RESTRICTIVE
    usual = Level.REMOVED if is_restrictive else Level.PUBLIC
    parts = {
        "id": StatementId(UUID(int=1)),
        "subject": SubjectRef(kind=SubjectKind.VIDEO, external_id="v1"),
        "kind": kind,
        "visibility": Visibility(level=levels.get(kind, usual)),
        "guideline": QUOTE if is_restrictive else None,
        "automated_detection": False,
        "automated_decision": Automation.NOT_AUTOMATED,
        "moments_ms": ((12_000, 24_500), (3_661_000, 3_662_000)) if is_restrictive else (),
        "reasons": REASONS if kind in ON_APPEAL else None,
    }
    return Statement(**{**parts, **changes})


def informed(of):
    is_held = of.visibility.level is Level.HELD
    return inform(of, NOON, NOON + timedelta(hours=36) if is_held else None)


@st.composite
def statements(draw):
    """Any statement that can be, disclosed."""
    kind = draw(st.sampled_from(StatementKind))
    is_restrictive = kind in RESTRICTIVE
    visibility = Visibility(
        level=draw(st.sampled_from(sorted(LEVELS_OF[kind]))),
        age_restricted=draw(st.booleans()),
        labelled=draw(st.booleans()),
        interaction_limited=draw(st.booleans()),
        geo_blocked=draw(st.sampled_from([(), ("DE",), ("DE", "FR"), ("US",)])),
    )
    if is_restrictive and visibility == PUBLIC:
        visibility = Visibility(labelled=True)
    degrees = [each for each in Automation if kind not in ON_APPEAL or each != "fully"]
    return informed(
        statement(
            kind,
            subject=SubjectRef(kind=draw(st.sampled_from(SubjectKind)), external_id="v1"),
            visibility=visibility,
            automated_detection=draw(st.booleans()),
            automated_decision=draw(st.sampled_from(degrees)),
            after_notice=is_restrictive and draw(st.booleans()),
            law=draw(st.sampled_from([None, "§ 130 StGB"])) if is_restrictive else None,
            moments_ms=() if draw(st.booleans()) or not is_restrictive else ((0, 1_000),),
        )
    )


GOLDEN_STATEMENTS = {
    "hold": statement(
        StatementKind.HOLD,
        automated_detection=True,
        automated_decision=Automation.FULLY,
        law="§ 130 StGB",
    ),
    "hold that ran out": statement(
        StatementKind.HOLD,
        visibility=Visibility(level=Level.NOT_RECOMMENDED),
        automated_decision=Automation.FULLY,
    ),
    "restriction": statement(
        StatementKind.RESTRICTION,
        subject=SubjectRef(kind=SubjectKind.COMMENT, external_id="c1"),
        visibility=Visibility(
            level=Level.NOT_RECOMMENDED,
            age_restricted=True,
            labelled=True,
            interaction_limited=True,
            geo_blocked=("AT", "DE"),
        ),
        moments_ms=(),
        automated_decision=Automation.PARTIALLY,
    ),
    "removal": statement(),
    "removal after a notice": statement(law="§ 130 StGB", after_notice=True),
    "reinstatement": statement(StatementKind.REINSTATEMENT),
    "appeal upheld": statement(
        StatementKind.APPEAL_UPHELD, subject=SubjectRef(kind=SubjectKind.ACCOUNT, external_id="a")
    ),
    "appeal reversed": statement(
        StatementKind.APPEAL_REVERSED, subject=SubjectRef(kind=SubjectKind.SOUND, external_id="s")
    ),
}


@pytest.mark.parametrize("language", WORDS)
def test_statements_read_as_they_were_agreed(language):
    """After a change on purpose, copy what the failure shows into `golden/`, and read it."""
    said = "".join(
        f"=== {name}\n\n{statement_text(informed(each), language)}\n\n"
        for name, each in GOLDEN_STATEMENTS.items()
    )
    assert said == (GOLDEN / f"statements.{language}.txt").read_text()


REPORTED = {
    "en": ("report", "flag", "complain", "user", "notice", "viewer"),
    "de": ("meld", "gemeldet", "hinweis von", "beschwer", "nutzer", "zuschauer"),
    "es": ("denunci", "report", "notific", "queja", "usuari", "espectador"),
}


@given(each=statements(), language=st.sampled_from(sorted(WORDS)))
def test_no_statement_says_a_word_of_reports(each, language):
    said = statement_text(each, language).casefold()
    if each.after_notice:
        told = WORDS[language].after_notice.casefold()
        assert (told in said) == (each.kind not in ON_APPEAL)
        said = said.replace(told, "")
    for word in REPORTED[language]:
        assert word not in said


@given(each=statements(), language=st.sampled_from(sorted(WORDS)))
def test_no_place_is_left_open_in_a_text(each, language):
    said = statement_text(each, language)
    assert not {"{", "}"} & set(said)
    assert "None" not in said
    assert "\n\n\n" not in said


@given(each=statements(), language=st.sampled_from(sorted(WORDS)))
def test_a_statement_names_what_it_rests_on_and_how_to_contest_it(each, language):
    said = statement_text(each, language)
    is_restrictive = each.kind in RESTRICTIVE
    assert (each.guideline is not None) == is_restrictive
    assert (SLURS.label[language] in said) == is_restrictive
    assert (WORDS[language].elsewhere in said) == is_restrictive
    assert ("2027" in said) == (each.kind in APPEALABLE)
    assert ("§ 130 StGB" in said) == (each.law is not None)


def test_a_statement_has_no_field_that_is_not_on_the_list():
    assert {field.name for field in fields(Statement)} == {
        "id",
        "subject",
        "kind",
        "visibility",
        "guideline",
        "law",
        "moments_ms",
        "after_notice",
        "automated_detection",
        "automated_decision",
        "reasons",
        "informed_at",
        "expires_at",
    }
    assert {field.name for field in fields(GuidelineQuote)} == {"id", "label", "text", "observed"}


def test_a_statement_knows_nothing_of_reports():
    code = (
        "import sys, underseal.core.appeal, underseal.core.message, underseal.core.dsa_record;"
        "hidden = ['report', 'signal', 'evidence', 'track_record', 'cliques'];"
        "sys.exit(any(f'underseal.core.{name}' in sys.modules for name in hidden))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("language", WORDS)
def test_every_language_says_everything(language):
    words, english = WORDS[language], WORDS["en"]
    assert set(words.subjects) == set(SubjectKind)
    assert set(words.headlines) == set(StatementKind)
    assert set(words.levels) == set(Level)
    assert set(words.deciders) == set(Automation)
    assert len(set(words.months)) == 12
    for field in fields(words):
        ours, theirs = getattr(words, field.name), getattr(english, field.name)
        if isinstance(theirs, str):
            assert ours.count("{") == theirs.count("{")
            assert language == "en" or ours != theirs or field.name == "day"


def test_a_language_we_do_not_have_gets_english_and_a_region_its_language():
    removed = informed(statement())
    assert statement_text(removed, "fi") == statement_text(removed, "en")
    assert statement_text(removed, "de-CH") == statement_text(removed, "de")


def test_examples_that_are_not_translated_are_told_in_english():
    assert "es" not in QUOTE.observed
    assert "Calling people animals" in statement_text(informed(statement()), "es")


@pytest.mark.parametrize("index", [-1, 3])
def test_only_examples_of_the_guideline_can_be_observed(index):
    with pytest.raises(UnknownExampleError) as refused:
        quote(SLURS, [0, index])
    assert (refused.value.guideline, refused.value.index) == ("slurs", index)


def test_nobody_reads_a_statement_before_its_disclosure():
    with pytest.raises(NotDisclosedError):
        statement_text(statement(), "en")


def test_a_statement_is_disclosed_once():
    with pytest.raises(AlreadyDisclosedError):
        inform(informed(statement()), NOON)


@pytest.mark.parametrize(
    ("informed_at", "end"),
    [
        ("2026-01-15T10:00", "2026-07-16"),
        ("2026-08-31T12:00", "2027-03-01"),  # there is no 31 February, nor a 29th in 2027
        ("2027-08-29T12:00", "2028-03-01"),  # 2028 is a leap year
        ("2027-08-31T12:00", "2028-03-01"),
        ("2027-08-28T12:00", "2028-02-29"),
        ("2028-02-29T12:00", "2028-08-30"),
        ("2026-02-28T12:00", "2026-08-29"),
        ("2026-03-31T12:00", "2026-10-01"),  # to the 30th of September
        ("2026-10-31T12:00", "2027-05-01"),
        ("2026-12-31T23:59", "2027-07-01"),
        ("2026-06-30T00:00", "2026-12-31"),
        ("2026-07-01T00:00", "2027-01-02"),
        ("2099-08-30T00:00", "2100-03-01"),  # 2100 is not a leap year
    ],
)
def test_six_months_end_with_the_day_of_the_same_date(informed_at, end):
    informed_on = datetime.fromisoformat(informed_at).replace(tzinfo=UTC)
    assert appeal_end(informed_on) == datetime.fromisoformat(end).replace(tzinfo=UTC)


@given(st.integers(0, 50 * 366 * 24 * 60).map(lambda m: NOON + timedelta(minutes=m)))
def test_the_time_to_appeal_is_never_shorter_than_six_months(informed_at):
    end = appeal_end(informed_at)
    last = end - timedelta(days=1)
    assert (end.hour, end.minute, end.tzinfo) == (0, 0, UTC)
    assert (last.year - informed_at.year) * 12 + last.month - informed_at.month == 6
    assert last.day == min(informed_at.day, monthrange(last.year, last.month)[1])
    assert timedelta(days=181) <= end - informed_at.replace(hour=0, minute=0)


def test_the_day_of_being_informed_is_a_day_in_utc():
    early_in_the_east = datetime(2026, 3, 1, 0, 30, tzinfo=timezone(timedelta(hours=2)))
    assert appeal_end(early_in_the_east) == datetime(2026, 8, 29, tzinfo=UTC)


@pytest.mark.parametrize(
    ("kind", "changes"),
    [
        (StatementKind.HOLD, {"visibility": Visibility(level=Level.REMOVED)}),
        (StatementKind.REMOVAL, {"visibility": Visibility(level=Level.HELD)}),
        (StatementKind.REINSTATEMENT, {"visibility": Visibility(level=Level.REMOVED)}),
        (StatementKind.RESTRICTION, {"visibility": PUBLIC}),
        (StatementKind.REMOVAL, {"guideline": None}),
        (StatementKind.REINSTATEMENT, {"guideline": QUOTE}),
        (StatementKind.REINSTATEMENT, {"after_notice": True}),
        (StatementKind.REINSTATEMENT, {"law": "§ 130 StGB"}),
        (StatementKind.APPEAL_REVERSED, {"moments_ms": ((0, 1),)}),
        (StatementKind.REMOVAL, {"law": ""}),
        (StatementKind.REMOVAL, {"law": "x" * 501}),
        (StatementKind.REMOVAL, {"moments_ms": ((5, 5),)}),
        (StatementKind.REMOVAL, {"moments_ms": ((-1, 5),)}),
        (StatementKind.REMOVAL, {"moments_ms": ((0, 1),) * 21}),
        (StatementKind.REMOVAL, {"reasons": REASONS}),
        (StatementKind.APPEAL_UPHELD, {"reasons": None}),
        (StatementKind.APPEAL_UPHELD, {"automated_decision": Automation.FULLY}),
        (StatementKind.HOLD, {"expires_at": NOON}),
        (StatementKind.HOLD, {"informed_at": NOON}),
        (StatementKind.HOLD, {"informed_at": NOON, "expires_at": NOON}),
        (StatementKind.REMOVAL, {"informed_at": NOON, "expires_at": NOON + timedelta(days=1)}),
    ],
)
def test_a_statement_that_contradicts_itself_is_refused(kind, changes):
    statement(kind)
    with pytest.raises(InvalidStatementError):
        statement(kind, **changes)


def test_a_restriction_in_some_countries_says_which():
    blocked = statement(StatementKind.RESTRICTION, visibility=Visibility(geo_blocked=("AT", "DE")))
    assert blocked.territorial_scope == ("AT", "DE")
    everywhere = replace(blocked, visibility=Visibility(labelled=True, geo_blocked=("AT",)))
    assert everywhere.territorial_scope == ()


def test_a_restriction_rests_on_a_guideline_or_on_the_law():
    assert statement().ground is Ground.GUIDELINE
    assert statement(law="§ 130 StGB").ground is Ground.LAW
    assert statement(StatementKind.REINSTATEMENT).ground is None


def test_moments_are_written_as_a_player_shows_them():
    assert moments_text([(0, 1), (59_999, 60_000), (3_600_000, 3_600_001)]) == (
        "0:00-0:01, 0:59-1:00, 1:00:00-1:00:01"
    )
