"""Who reported what together with whom, as far as bounded memory goes."""

from collections import defaultdict
from collections.abc import Callable, Sequence

from underseal.core.cliques import NO_CO_REPORTS, CoReports, SharedSubject, count_joint
from underseal.core.report import Pseudonym
from underseal.store.dossier import OTHERS_MAX, POPULARITY_MAX


class CoReportBook:
    """Every reporter's last videos, and how many reported each: the bounds are the store's."""

    def __init__(self) -> None:
        self._videos: defaultdict[Pseudonym, dict[int, None]] = defaultdict(dict)
        self._reporters: defaultdict[int, int] = defaultdict(int)

    def add(self, video: int, reporter: Pseudonym) -> None:
        """Take note that somebody reported a video."""
        videos = self._videos[reporter]
        if video in videos:
            return
        videos[video] = None
        self._reporters[video] += 1
        if len(videos) > OTHERS_MAX:
            del videos[next(iter(videos))]

    def of(
        self, video: int, reporters: Sequence[Pseudonym], about: Callable[[int], tuple[int, bool]]
    ) -> CoReports:
        """Return how much these reporters of a video have reported together elsewhere.

        `about` tells the organic views of a video, and whether it was found to break nothing.
        """
        shared: defaultdict[int, list[Pseudonym]] = defaultdict(list)
        for reporter in reporters:
            for other in self._videos.get(reporter, ()):
                if other != video:
                    shared[other].append(reporter)
        if not any(len(each) > 1 for each in shared.values()):
            return NO_CO_REPORTS
        return count_joint(self._shared(other, each, about) for other, each in shared.items())

    def _shared(
        self,
        video: int,
        together: Sequence[Pseudonym],
        about: Callable[[int], tuple[int, bool]],
    ) -> SharedSubject:
        organic_views, is_cleared = about(video)
        return SharedSubject(
            reporters=frozenset(together),
            reporters_count=min(self._reporters[video], POPULARITY_MAX),
            organic_views=organic_views,
            is_cleared=is_cleared,
        )
