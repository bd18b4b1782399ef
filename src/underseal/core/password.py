"""Which passwords are taken: long ones that are more than common words. No composition rules.

Source: NIST SP 800-63B-4, 3.1.1.2.
"""

import re
import unicodedata
from typing import Final

LENGTH_MIN: Final = 12
LENGTH_MAX: Final = 200
"""Settings; NIST asks for 8 at least beside a second factor, and that 64 are taken."""

OWN_LENGTH_MIN: Final = 6
DISTINCT_MIN: Final = 5
"""So many characters, and different ones, must be left beside what is guessed first. Settings."""

COMMON: Final = (
    "administrator", "password", "passwort", "passwd", "contrasena", "motdepasse", "parola",
    "underseal", "moderator", "moderation", "superman", "baseball", "football", "princess",
    "sunshine", "trustnol", "whatever", "starwars", "computer", "internet", "changeme",
    "iloveyou", "letmein", "welcome", "willkommen", "bienvenido", "monkey", "dragon", "master",
    "shadow", "summer", "winter", "spring", "autumn", "hello", "hallo", "secret", "geheim",
    "login", "admin", "qwerty", "qwertz", "azerty", "asdfgh", "correcthorsebatterystaple",
)  # fmt: skip
"""Words that guessers try first, as `_plain` writes them."""

RUNS: Final = (
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890",
    "qwertyuiop",
    "qwertzuiop",
    "asdfghjkl",
    "zxcvbnm",
    "azertyuiop",
    "!@#$%^&*()",
)
"""Letters that stand side by side, in the alphabet or on a keyboard."""

_RUN_MIN: Final = 4
_ROWS: Final = (*RUNS, *(each[::-1] for each in RUNS))
_NAME_MIN: Final = 3
_LEET: Final = str.maketrans("@$!013457", "asioleast")


class WeakPasswordError(Exception):
    """The password is not taken; the message says why."""


def check_password(password: str, *about: str) -> str:
    """Return the password as it is to be hashed; `about` is what everybody knows of its owner.

    Raises:
        WeakPasswordError: it is too short, too long, or little more than what is guessed first.
    """
    normal = normal_password(password)
    if len(normal) < LENGTH_MIN:
        raise WeakPasswordError(f"a password has at least {LENGTH_MIN} characters")
    if len(normal) > LENGTH_MAX:
        raise WeakPasswordError(f"a password has at most {LENGTH_MAX} characters")
    if len(_own_part(normal.casefold(), about)) < OWN_LENGTH_MIN:
        raise WeakPasswordError(
            "this is one of the first that somebody would guess: take several words of your own"
        )
    return normal


def normal_password(password: str) -> str:
    """Return the password with its letters written in one way, whatever keyboard wrote them."""
    return unicodedata.normalize("NFKC", password)


def _own_part(folded: str, about: tuple[str, ...]) -> str:
    """Return what is left without runs, common words, names and repetitions."""
    known = [word for each in about for word in re.split(r"[\W_]+", each.casefold())]
    words = {*COMMON, *(_plain(each) for each in known if len(each) >= _NAME_MIN)}
    left = _plain(_without_runs(folded))
    for word in sorted(words, key=len, reverse=True):
        left = left.replace(word, "")
    left = re.sub(r"(.{1,6}?)\1+", r"\1", left)
    return left if len(set(left)) >= DISTINCT_MIN else ""


def _plain(text: str) -> str:
    """Return the text with letters for the digits and signs that stand for them."""
    return text.translate(_LEET).replace(" ", "")


def _without_runs(text: str) -> str:
    """Leave out letters that stand side by side in one of `RUNS`, forwards or backwards."""
    kept, place = "", 0
    while place < len(text):
        run = max(_run_at(text, place, row) for row in _ROWS)
        if run < _RUN_MIN:
            kept += text[place]
        place += run if run >= _RUN_MIN else 1
    return kept


def _run_at(text: str, place: int, row: str) -> int:
    """Return how many letters from `place` on stand together in `row`."""
    end = place + 1
    while end <= len(text) and text[place:end] in row:
        end += 1
    return end - 1 - place
