"""`underseal bench assess`: how long it takes to weigh what is known about one subject.

First the evidence alone, on dossiers of 1,000 reports drawn by a seed; then whole assessments of a
video in a real database, with all that they read and write. The baseline is the same video with one
report, in the same run.
"""

import asyncio
import random
import time
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from statistics import median
from typing import Final
from uuid import UUID

from underseal.core.cliques import PSEUDONYMS_MAX, CoReports, SharedSubject, count_joint
from underseal.core.evidence import Dossier, assess
from underseal.core.guideline import Guidelines, Topic, TopicId
from underseal.core.report import CountedReport, Pseudonym
from underseal.core.signal import Modality, Signal
from underseal.core.subject import SubjectId, SubjectKind
from underseal.core.track_record import TrackRecord
from underseal.lab.bench.assess_subject import measure_subjects
from underseal.lab.bench.installation import machine_cpu_s, own_cpu_s
from underseal.lab.own_guidelines import own_guidelines

REPORTS: Final = 1_000
ROUNDS: Final = 300
SEED: Final = 20_261_123
DIGITS: Final = 3
TODAY: Final = date(2026, 11, 22)
SUBJECT: Final = SubjectId(UUID(int=1))

TOPIC: Final = TopicId("harassment")
"""None of its guidelines is exempt from crowd and budget: all are heard three times."""

SHARES: Final = (0.7, 0.2, 0.1)
"""Of the reports that name the first, the second and the third guideline of a topic."""

GUESSED: Final = 0.02
"""The share of reporters who may be guessed."""

SPENT: Final = 10
"""Reporters whose budget on the creator is spent."""

ORGANIC_VIEWS: Final = 100_000
OTHERS: Final = 5_000
OTHERS_EACH: Final = 20
SKEW: Final = 3
"""How many other subjects there are, how many of them each reporter has reported, and how uneven
they are: the most reported tenth of them has almost half of all reports."""

VIEWS_PER_REPORT: Final = 1_000
"""Of the other subjects: their audiences explain who reported them (`core.cliques`)."""

CLIQUE: Final = 20
CLIQUE_SUBJECTS: Final = 6
"""A clique among the reporters, and how many other subjects it reported that hardly anybody saw."""

SIGNALS: Final = (
    ("frames", Modality.IMAGE, 0.4),
    ("onscreen", Modality.TEXT, 1.2),
    ("caption", Modality.TEXT, -0.3),
    ("speech", Modality.SOUND, 0.1),
    ("hashes", Modality.KNOWN, -0.2),
)
"""The detectors of the dossier, and what they say in nats."""

Progress = Callable[[str], None]


def run(progress: Progress) -> dict[str, object]:
    """Measure, and return the figures.

    Raises:
        WebNotStartedError: the installation did not start.
    """
    began_s, busy_s, own_s = time.monotonic(), machine_cpu_s(), own_cpu_s()
    progress(f"weighing dossiers of {REPORTS} reports, {ROUNDS} times each")
    figures: dict[str, object] = {
        "assess_1000_new_ms": weigh_ms(0.0),
        "assess_1000_ms": weigh_ms(1 / 3),
        "assess_1000_records_ms": weigh_ms(1.0),
    }
    figures |= asyncio.run(measure_subjects(progress))
    elsewhere_s = machine_cpu_s() - busy_s - (own_cpu_s() - own_s)
    return {
        **figures,
        "rounds": ROUNDS,
        "seed": SEED,
        "busy_elsewhere": round(elsewhere_s / (time.monotonic() - began_s), 1),
        "notes": (
            "Medians. assess_* is the processor time of weighing a dossier, nothing else: of 1,000 "
            "reporters a third have a track record, none in _new, all in _records. subject_* is how "
            "long an assessment takes on the clock of the wall, with all that "
            "it reads from the database and writes to it. assessments is how many the passes over "
            "as many reports of one video made, while these kept coming."
        ),
    }


def weigh_ms(with_record: float, rounds: int = ROUNDS) -> float:
    """Return the processor time of weighing a dossier whose reporters have records in such a share."""
    guidelines = own_guidelines()
    dossier = draw_dossier(random.Random(SEED), guidelines, with_record)
    taken_s = []
    for _ in range(rounds):
        began_s = time.thread_time()
        assess(dossier, guidelines, {}, TODAY)
        taken_s.append(time.thread_time() - began_s)
    return round(1_000 * median(taken_s), DIGITS)


def draw_dossier(draw: random.Random, guidelines: Guidelines, with_record: float) -> Dossier:
    """Draw what is known of a video that many have reported for one topic."""
    topic = next(each for each in guidelines.topics if each.id == TOPIC)
    people = [Pseudonym(draw.randbytes(32)) for _ in range(REPORTS)]
    known = draw.sample(people, round(with_record * REPORTS))
    return Dossier(
        subject_id=SUBJECT,
        round=1,
        kind=SubjectKind.VIDEO,
        reports=tuple(_report(draw, who, topic) for who in people),
        records={(who, topic.id): _record(draw) for who in known},
        co_reports=_co_reports(draw, people[:PSEUDONYMS_MAX]),
        signals=tuple(
            Signal(
                detector=detector,
                detector_version="1",
                modality=modality,
                guideline=topic.guidelines[0],
                score=0.5,
                weight=nats,
                moment=None,
            )
            for detector, modality, nats in SIGNALS
        ),
        organic_views=ORGANIC_VIEWS,
        qualifying_viewers=ORGANIC_VIEWS,
        human={},
        spent=frozenset(draw.sample(people, SPENT)),
    )


def _report(draw: random.Random, who: Pseudonym, topic: Topic) -> CountedReport:
    (named,) = draw.choices(topic.guidelines[: len(SHARES)], SHARES)
    return CountedReport(
        subject_id=SUBJECT,
        round=1,
        guideline=named,
        pseudonym=who,
        after_outcome=False,
        may_be_guessed=draw.random() < GUESSED,
        is_notice=False,
    )


def _record(draw: random.Random) -> TrackRecord:
    """A record as decisions make them: a third of the reporters are right more often than not."""
    resolved = 1 + int(draw.expovariate(0.3))
    share = draw.betavariate(0.7, 1.4)
    return TrackRecord(
        right=share * resolved,
        wrong=(1 - share) * resolved / 4,
        resolved=resolved,
        as_of=TODAY - timedelta(days=draw.randrange(360)),
    )


def _co_reports(draw: random.Random, people: Sequence[Pseudonym]) -> CoReports:
    """What the compared reporters have reported elsewhere."""
    reported: dict[int, set[Pseudonym]] = {}
    for who in people:
        for _ in range(OTHERS_EACH):
            reported.setdefault(int(OTHERS * draw.random() ** SKEW), set()).add(who)
    for number in range(CLIQUE_SUBJECTS):
        reported.setdefault(OTHERS + number, set()).update(people[:CLIQUE])
    # As many others, of all that reported the video, reported the same subjects.
    more = REPORTS // PSEUDONYMS_MAX
    return count_joint(
        SharedSubject(
            reporters=frozenset(by),
            reporters_count=len(by) * more,
            organic_views=len(by) * more * VIEWS_PER_REPORT,
        )
        if each < OTHERS
        else SharedSubject(reporters=frozenset(by), reporters_count=len(by))
        for each, by in reported.items()
    )
