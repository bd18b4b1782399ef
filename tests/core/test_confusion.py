"""What a report of one guideline says of another, learnt from what moderators found broken."""

from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from underseal.core.confusion import SIBLING_MIN, SIBLING_SHARE, learn_siblings
from underseal.core.guideline import GuidelineId, TopicId
from underseal.core.guideline_file import parse

GUIDELINES = parse((files("underseal") / "guidelines.toml").read_text(), "guidelines.toml")
SCAM = next(topic for topic in GUIDELINES.topics if topic.id == TopicId("scam"))
PHISHING = GuidelineId("phishing")
OTHERS = [each for each in SCAM.guidelines if each != PHISHING]


def scam(confusions: dict[tuple[GuidelineId, GuidelineId], int]) -> float:
    return learn_siblings(confusions, GUIDELINES)[SCAM.id]


def test_without_decisions_it_is_the_default_of_every_topic():
    learnt = learn_siblings({}, GUIDELINES)
    assert learnt == {topic.id: SIBLING_SHARE for topic in GUIDELINES.topics}


def test_where_nobody_ever_errs_it_falls_to_its_least():
    assert scam({(PHISHING, PHISHING): 5}) == pytest.approx(SIBLING_SHARE * 20 / 25)
    assert scam({(PHISHING, PHISHING): 10_000}) == SIBLING_MIN


def test_where_people_name_any_guideline_it_counts_as_much_as_its_own():
    anyhow = {(each, PHISHING): 10_000 for each in SCAM.guidelines}
    assert scam(anyhow) == pytest.approx(1.0, abs=0.01)
    assert scam({(each, PHISHING): 10_000 for each in OTHERS}) == 1.0


def test_much_is_learnt_as_it_is():
    """Named right 6,000 times, and any one of the others 1,800 times: three tenths."""
    confusions = {(PHISHING, PHISHING): 6_000, **{(each, PHISHING): 1_800 for each in OTHERS}}
    assert scam(confusions) == pytest.approx(0.3, abs=0.005)


def test_a_topic_is_taught_by_its_own_guidelines_alone():
    elsewhere = next(each.id for each in GUIDELINES.by_id.values() if each.topic != SCAM.id)
    gone = GuidelineId("gone")
    odd = {(elsewhere, PHISHING): 900, (gone, PHISHING): 900, (PHISHING, gone): 900}
    assert learn_siblings(odd, GUIDELINES) == learn_siblings({}, GUIDELINES)


names = st.sampled_from([*GUIDELINES.by_id, GuidelineId("gone")])


@given(st.dictionaries(st.tuples(names, names), st.integers(0, 10**6), max_size=40))
def test_whatever_is_decided_it_is_within_its_bounds(confusions):
    for share in learn_siblings(confusions, GUIDELINES).values():
        assert SIBLING_MIN <= share <= 1
