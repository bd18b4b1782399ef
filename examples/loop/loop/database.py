"""Loop's own data, in SQLite: people, videos, sounds, comments, and what is cached of Underseal."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

SCHEMA: Final = """
create table if not exists people (
  id text primary key,
  handle text not null unique,
  name text not null,
  bio text not null,
  is_listed integer not null
) strict;

-- Sessions are kept by the hash of their token: who reads the database cannot sign in by it.
create table if not exists sessions (
  token_sha256 blob primary key,
  person_id text not null references people on delete cascade,
  is_adult integer not null default 0
) strict, without rowid;

-- A sound outlives its creator's account: others may have used it.
create table if not exists sounds (
  id text primary key,
  creator_id text references people on delete set null,
  title text not null
) strict;

create table if not exists videos (
  id text primary key,
  creator_id text not null references people on delete cascade,
  sound_id text not null references sounds,
  caption text not null,
  posted_at text not null
) strict;

create table if not exists comments (
  id text primary key,
  video_id text not null references videos on delete cascade,
  creator_id text not null references people on delete cascade,
  text text not null,
  posted_at text not null
) strict;

-- What Underseal last said of each subject (see `following`).
create table if not exists visibility (
  kind text not null,
  id text not null,
  level text not null,
  age_restricted integer not null,
  labelled integer not null,
  interaction_limited integer not null,
  geo_blocked text not null,
  statement_id text,
  primary key (kind, id)
) strict, without rowid;

-- Where the feed of changes goes on: one row.
create table if not exists feed (cursor text not null) strict;

-- Messages that have been taken; one that comes again changes nothing.
create table if not exists messages (id text primary key) strict, without rowid;

create table if not exists notices (
  id integer primary key,
  person_id text not null references people on delete cascade,
  statement_id text not null,
  what text not null,
  is_read integer not null default 0,
  unique (statement_id, what)
) strict;

-- Who has ever seen what, and who saw it in a tick that has not been told yet (see `watching`).
create table if not exists viewers (
  kind text not null,
  id text not null,
  person_id text not null references people on delete cascade,
  primary key (kind, id, person_id)
) strict, without rowid;
create table if not exists untold_views (
  tick integer not null,
  kind text not null,
  id text not null,
  person_id text not null,
  is_first integer not null,
  primary key (tick, kind, id, person_id)
) strict, without rowid;

-- Receipts under a name that only the server can compute, in an order that says nothing
-- (see `reporting`).
create table if not exists receipts (
  id blob primary key,
  owner blob not null,
  sealed blob not null
) strict, without rowid;

-- Deleted accounts that Underseal has not been told of yet (see `leaving`).
create table if not exists departures (person_id text primary key) strict, without rowid;
"""


def open_database(path: Path) -> sqlite3.Connection:
    """Open the database, and make it where there is none.

    One connection serves the whole site: queries take microseconds and run in the event loop's
    thread. A busier site would have a pool.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    db = sqlite3.connect(path, isolation_level=None, timeout=10)
    db.row_factory = sqlite3.Row
    db.execute("pragma journal_mode = wal")
    db.execute("pragma foreign_keys = on")
    db.executescript(SCHEMA)
    return db


@contextmanager
def transaction(db: sqlite3.Connection) -> Iterator[None]:
    """Do all of a block or nothing. Nothing may be awaited inside: the connection is shared."""
    db.execute("begin immediate")
    try:
        yield
    except BaseException:
        db.execute("rollback")
        raise
    db.execute("commit")
