"""Links that the SDK signs: the server takes them, for what they say and nothing else."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from underseal.client import sign_creator_link
from underseal.seal.link import (
    CreatorLink,
    ExpiredLinkError,
    ForgedLinkError,
    LinkError,
    TooLongLivedLinkError,
    parse_link,
    verify_link,
)
from underseal.seal.ticket import TicketSecret

NOW = datetime(2026, 11, 22, 12, 30, tzinfo=UTC)
STATEMENT = UUID(int=7)
KEY = "us_abcdefghijkl_secret"


def signed(creator="carl", statement_id=None, life=timedelta(hours=1)):
    return sign_creator_link(
        KEY, "shown", creator=creator, statement_id=statement_id, expires_at=NOW + life
    )


def read(text, secret=b"shown", at=NOW) -> CreatorLink:
    return verify_link(parse_link(text), TicketSecret(secret), at)


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=100))
def test_a_link_says_who_may_read_what(creator):
    found = read(signed(creator, STATEMENT))
    assert (found.account.external_id, found.statement_id) == (creator, STATEMENT)
    assert read(signed(creator)).statement_id is None


def test_a_link_names_its_key_and_holds_no_secret():
    link = signed()
    assert parse_link(link).key_id == "abcdefghijkl"
    assert "secret" not in link
    assert "carl" not in repr(parse_link(link))
    assert "carl" not in repr(read(link))


def test_a_link_is_valid_for_a_week_at_most_and_not_beyond_its_end():
    assert read(signed(life=timedelta(days=7)))
    with pytest.raises(TooLongLivedLinkError):
        read(signed(life=timedelta(days=7, seconds=1)))
    with pytest.raises(ExpiredLinkError):
        read(signed(), at=NOW + timedelta(hours=1))


@given(st.data())
def test_a_link_that_was_changed_anywhere_is_refused(data):
    link = signed(statement_id=STATEMENT)
    place = data.draw(st.integers(0, len(link) - 1))
    other = data.draw(st.sampled_from("ABCab01-_."))
    changed = link[:place] + other + link[place + 1 :]
    # The last letter of base64 has bits that say nothing.
    if changed == link or place == len(link) - 1:
        return
    with pytest.raises(LinkError):
        read(changed)


def test_another_secret_is_no_good():
    with pytest.raises(ForgedLinkError):
        read(signed(), b"another")
