"""What is believed where nobody has reported: what machines say, and base rates otherwise."""

from datetime import date
from importlib.resources import files
from uuid import UUID

import pytest

from underseal.core.guideline import GuidelineId, log_odds
from underseal.core.guideline_file import parse
from underseal.core.signal import Modality, Signal
from underseal.core.subject import SubjectId, SubjectKind
from underseal.core.unreported import unheard, weigh_unreported

GUIDELINES = parse((files("underseal") / "guidelines.toml").read_text(), "guidelines.toml")
SUBJECT = SubjectId(UUID(int=1))
DAY = date(2026, 11, 1)


def signal(guideline: str, weight: float) -> Signal:
    return Signal(
        detector="words",
        detector_version="1",
        modality=Modality.TEXT,
        guideline=GuidelineId(guideline),
        score=0.9,
        weight=weight,
        moment=None,
    )


def weighed(*signals: Signal):
    return weigh_unreported(SUBJECT, SubjectKind.VIDEO, signals, GUIDELINES, DAY)


def test_every_guideline_of_its_kind_has_its_base_rate_where_machines_are_silent():
    found = weighed()
    videos = {
        each.id: log_odds(each.base_rate)
        for each in GUIDELINES.by_id.values()
        if SubjectKind.VIDEO in each.subjects
    }
    assert {each.guideline: each.unreported for each in found} == pytest.approx(videos)
    assert [each.guideline for each in found] == sorted(videos)


def test_what_a_machine_says_of_one_guideline_leaves_the_others_at_their_base_rates():
    silent = {each.guideline: each for each in weighed()}
    for each in weighed(signal("bullying", 2.5)):
        said = 2.5 if each.guideline == "bullying" else 0.0
        assert each.machine == pytest.approx(said)
        assert each.log_odds == pytest.approx(silent[each.guideline].log_odds + said)


def test_it_is_nobodys_report():
    for each in [*weighed(signal("bullying", 2.5)), unheard(GuidelineId("bullying"), -3.0)]:
        assert not each.is_reported
        assert not each.has_notice
        assert each.voices_proven == each.voices_unproven == 0
        assert each.backing.nats == each.consenting.nats == 0.0
        assert sum(term.nats for term in each.terms) == pytest.approx(each.log_odds)
