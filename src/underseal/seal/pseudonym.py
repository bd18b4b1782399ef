"""The pseudonym: stands for a reporter throughout one calendar year.

The pair of this year's and the previous one is the link that carries a track record over; somebody
who is silent for a whole year has none and starts anew.
"""

from dataclasses import dataclass
from datetime import date
from hmac import compare_digest, digest

from underseal.core.report import Pseudonym
from underseal.seal.keys import KeyRing, YearKeys
from underseal.seal.redacted import Redacted


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Pseudonyms(Redacted):
    """A reporter's pseudonym of this year, and of the latest earlier year whose key is live."""

    current: Pseudonym
    previous: Pseudonym | None


def pseudonyms(keys: KeyRing, today: date, reporter_id: str) -> Pseudonyms:
    """Compute a reporter's pseudonyms.

    Raises:
        YearKeyMissingError: this year has no key.
    """
    current, *previous = [_pseudonym(year, reporter_id) for year in keys.for_day(today)[:2]]
    return Pseudonyms(current=current, previous=previous[0] if previous else None)


def is_pseudonym_of(keys: KeyRing, year: int, pseudonym: Pseudonym, reporter_id: str) -> bool:
    """Whether an opened identity is true: anyone who can write to the database can seal a name.

    Raises:
        YearKeyMissingError: the year's key is destroyed, and nobody can tell any more.
    """
    year_keys = keys.for_day(date(year, 1, 1))[0]
    return compare_digest(_pseudonym(year_keys, reporter_id), pseudonym)


def _pseudonym(year: YearKeys, reporter_id: str) -> Pseudonym:
    return Pseudonym(digest(year.pseudonym, reporter_id.encode(), "sha256"))
