"""The track records of a world's reporters, and what newcomers of each topic are believed."""

from collections.abc import Mapping
from datetime import date

from underseal.core import track_record
from underseal.core.decision import Decision
from underseal.core.guideline import Guidelines, TopicId
from underseal.core.prior import DEFAULT_PRIOR, Population, Prior, count, in_force, learn
from underseal.core.report import CountedReport, Pseudonym, quarter_of
from underseal.core.track_record import TrackRecord, at, fold


class Records:
    """Folds credits as `flow.credit` does, and learns priors once a quarter as the flow does."""

    def __init__(self, guidelines: Guidelines) -> None:
        self._guidelines = guidelines
        self._records: dict[tuple[Pseudonym, TopicId], TrackRecord] = {}
        self._learnt_in: date | None = None
        self._priors: Mapping[TopicId, Prior] = {}

    def of(self, reporter: Pseudonym, topic: TopicId) -> TrackRecord | None:
        """Return a reporter's record, if there is one."""
        return self._records.get((reporter, topic))

    def credit(self, decision: Decision, reports: list[CountedReport], on: date) -> None:
        """Credit the reporters of a round."""
        for credit in track_record.credits(decision, reports, self._guidelines, on):
            key = credit.pseudonym, credit.topic
            self._records[key] = fold(self._records.get(key), [credit], on)

    def priors(self, on: date) -> Mapping[TopicId, Prior]:
        """Return the priors of a day: those that were learnt as its quarter began."""
        if quarter_of(on) != self._learnt_in:
            self._learnt_in = quarter_of(on)
            populations: dict[TopicId, Population] = {}
            for (_, topic), record in self._records.items():
                now = at(record, self._learnt_in)
                population = populations.get(topic, Population())
                populations[topic] = count(population, [(now.right, now.wrong)])
            learnt = {topic: learn(each, DEFAULT_PRIOR) for topic, each in populations.items()}
            self._priors = in_force(learnt, self._guidelines)
        return self._priors
