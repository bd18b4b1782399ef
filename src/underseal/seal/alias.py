"""The alias: what moderators see of a reporter, "Reporter B".

Letters fall at random for each round of a case: they say nothing of who came first, and the same
person has unrelated ones elsewhere.
"""

from collections.abc import Iterable
from hmac import digest
from string import ascii_uppercase
from typing import Final

from underseal.core.report import Tag
from underseal.core.subject import SubjectId
from underseal.seal.keys import AliasesKey

_HANDLE: Final = b"underseal/handle/1\0"
_HANDLE_BYTES: Final = 16


def aliases(
    key: AliasesKey, subject_id: SubjectId, round_: int, tags: Iterable[Tag]
) -> dict[Tag, str]:
    """Give each of a round's reporters an alias: A to Z, then AA and so on.

    The same tags always get the same aliases, whatever their order. While they are few, another
    one seldom changes those of the others: it must draw the same letters and come before them in
    an order that depends on the key.
    """
    case = subject_id.bytes + round_.to_bytes(8)
    drawn = sorted((digest(key, case + tag, "sha256"), tag) for tag in set(tags))
    given: dict[Tag, str] = {}
    taken: set[int] = set()
    letters_count = 1
    for draw, tag in drawn:
        places = len(ascii_uppercase) ** letters_count
        place = int.from_bytes(draw) % places
        while place in taken:
            place = (place + 1) % places
        taken.add(place)
        given[tag] = f"Reporter {_letters(place, letters_count)}"
        if len(taken) == places:
            taken.clear()
            letters_count += 1
    return given


def handle(key: AliasesKey, subject_id: SubjectId, round_: int, place: bytes) -> str:
    """Return what a form of a round calls the report at `place`.

    It says what the alias says, and stays what it is when others come: whoever is asked is the one
    that was meant.
    """
    message = _HANDLE + subject_id.bytes + round_.to_bytes(8) + place
    return digest(key, message, "sha256")[:_HANDLE_BYTES].hex()


def _letters(place: int, count: int) -> str:
    letters = ""
    for _ in range(count):
        place, letter = divmod(place, len(ascii_uppercase))
        letters = ascii_uppercase[letter] + letters
    return letters
