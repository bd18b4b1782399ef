"""People: their accounts, and who is signed in."""

import hashlib
import secrets
import sqlite3
from dataclasses import dataclass
from typing import Final

from loop.site import Site

TOKEN_BYTES: Final = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """An account. `id` is the name that Underseal knows it by, `handle` the one that people see."""

    id: str
    handle: str
    name: str
    bio: str

    @property
    def initial(self) -> str:
        """What stands in the avatar."""
        return self.name[:1].upper()

    @property
    def hue(self) -> int:
        """Which of the twelve colours the avatar has."""
        return hashlib.sha256(self.id.encode()).digest()[0] % 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """Whoever sends a request: signed in or not, and whether they confirmed to be of age."""

    person: Person | None = None
    is_adult: bool = False

    def owns(self, creator_id: str) -> bool:
        """Whether something of that creator's is their own."""
        return self.person is not None and self.person.id == creator_id


ANYBODY: Final = Visitor()


def person_of(row: sqlite3.Row) -> Person:
    """Read a person from a row that has their columns."""
    return Person(id=row["id"], handle=row["handle"], name=row["name"], bio=row["bio"])


def find(site: Site, person_id: str) -> Person | None:
    """Return the person with an id."""
    row = site.db.execute("select * from people where id = ?", [person_id]).fetchone()
    return None if row is None else person_of(row)


def find_by_handle(site: Site, handle: str) -> Person | None:
    """Return the person with a handle."""
    row = site.db.execute("select * from people where handle = ?", [handle]).fetchone()
    return None if row is None else person_of(row)


def listed(site: Site) -> list[Person]:
    """Return the demonstration's people, as whom anybody may sign in."""
    rows = site.db.execute("select * from people where is_listed order by name")
    return [person_of(row) for row in rows]


def sign_in(site: Site, person: Person) -> str:
    """Begin a session and return its token."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    site.db.execute(
        "insert into sessions (token_sha256, person_id) values (?, ?)", [_hash(token), person.id]
    )
    return token


def sign_out(site: Site, token: str) -> None:
    """End a session."""
    site.db.execute("delete from sessions where token_sha256 = ?", [_hash(token)])


def confirm_age(site: Site, token: str) -> None:
    """Note that somebody says they are of age. A real site would have it proved."""
    site.db.execute("update sessions set is_adult = 1 where token_sha256 = ?", [_hash(token)])


def visitor_of(site: Site, token: str | None) -> Visitor:
    """Return whoever has a token."""
    if token is None:
        return ANYBODY
    row = site.db.execute(
        "select people.*, is_adult from sessions join people on people.id = person_id "
        "where token_sha256 = ?",
        [_hash(token)],
    ).fetchone()
    return ANYBODY if row is None else Visitor(person=person_of(row), is_adult=row["is_adult"] == 1)


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
