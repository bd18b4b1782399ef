import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from enum import IntEnum
from types import MappingProxyType
from uuid import UUID

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from underseal.core.ledger import (
    GENESIS,
    EventKind,
    NotCanonicalError,
    append,
    canonical,
    checkpoint_hash,
    commitment,
    event_hash,
    head_leaf,
    merkle_root,
    report_digest,
    rfc3339,
    verify_chain,
)
from underseal.core.subject import SubjectId

SUBJECT, OTHER = SubjectId(UUID(int=1)), SubjectId(UUID(int=2))
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=6,
)
PAYLOADS = st.dictionaries(TEXTS, VALUES, max_size=5)
DIGESTS = st.binary(min_size=32, max_size=32)


def chain(payloads, subject=SUBJECT):
    events = []
    for index, payload in enumerate(payloads):
        kind = list(EventKind)[index % len(EventKind)]
        events.append(append(events[-1] if events else None, subject, kind, payload))
    return events


CHAINS = st.lists(st.dictionaries(TEXTS, st.integers(), max_size=2), min_size=1, max_size=6).map(
    chain
)


@given(payload=PAYLOADS)
def test_canonical_bytes_survive_a_round_through_json(payload):
    written = canonical(payload)
    assert json.loads(written) == payload
    assert canonical(json.loads(written)) == written


@given(payload=PAYLOADS, data=st.data())
def test_canonical_bytes_do_not_depend_on_the_order_of_keys(payload, data):
    shuffled = dict(data.draw(st.permutations(list(payload.items()))))
    assert canonical(shuffled) == canonical(payload)


@given(payload=PAYLOADS, other=PAYLOADS)
def test_different_payloads_have_different_bytes(payload, other):
    def typed(value):
        """Tell 1 from True, which Python takes for equal."""
        match value:
            case dict():
                return {key: typed(each) for key, each in value.items()}
            case list():
                return [typed(each) for each in value]
            case _:
                return type(value), value

    assume(typed(payload) != typed(other))
    assert canonical(payload) != canonical(other)


def test_canonical_bytes_are_sorted_and_without_spaces():
    payload = {"b": (1, True, None), "a": MappingProxyType({"é": "ü\n"})}
    assert canonical(payload) == '{"a":{"é":"ü\\n"},"b":[1,true,null]}'.encode()


def test_an_enumeration_is_written_as_its_value():
    levels = IntEnum("levels", {"HIGH": 3})
    assert canonical({"kind": EventKind.STRUCK, "level": levels.HIGH}) == (
        b'{"kind":"struck","level":3}'
    )


@pytest.mark.parametrize(
    ("payload", "path"),
    [
        ({"a": 0.5}, "payload.a"),
        ({"a": [1, {"b": float("nan")}]}, "payload.a[1].b"),
        ({"a": b"bytes"}, "payload.a"),
        ({"a": NOON}, "payload.a"),
        ({"a": {1}}, "payload.a"),
        ({1: "a"}, "payload"),
        ({"a": "\ud800"}, "payload.a"),
        ({"\ud800": 1}, "payload"),
        ([1.5], "payload[0]"),
    ],
)
def test_what_has_no_canonical_bytes_is_refused_where_it_stands(payload, path):
    with pytest.raises(NotCanonicalError) as refused:
        canonical(payload)
    assert refused.value.path == path


def test_times_are_written_in_utc_with_microseconds():
    east = timezone(timedelta(hours=2))
    assert rfc3339(NOON.astimezone(east)) == "2026-03-01T12:00:00.000000Z"
    with pytest.raises(ValueError):
        rfc3339(NOON.replace(tzinfo=None))


@given(events=CHAINS)
def test_an_untouched_chain_is_as_it_was(events):
    assert verify_chain(events) is None
    assert verify_chain(events, head=events[-1].hash) is None
    assert [event.seq for event in events] == list(range(1, len(events) + 1))


def test_the_empty_chain_begins_at_genesis():
    assert verify_chain([]) is None
    assert verify_chain([], head=GENESIS) is None
    assert verify_chain([], head=hashlib.sha256().digest()) == 1


@given(events=CHAINS, data=st.data())
def test_any_flipped_bit_is_found(events, data):
    index = data.draw(st.integers(0, len(events) - 1))
    field = data.draw(st.sampled_from(["body", "prev_hash", "hash"]))
    old = getattr(events[index], field)
    bit = data.draw(st.integers(0, len(old) * 8 - 1))
    new = bytearray(old)
    new[bit // 8] ^= 1 << bit % 8
    events[index] = replace(events[index], **{field: bytes(new)})
    assert verify_chain(events) == index + 1


@given(events=CHAINS, data=st.data())
def test_another_kind_number_or_subject_is_found(events, data):
    index = data.draw(st.integers(0, len(events) - 1))
    event = events[index]
    kind = data.draw(st.sampled_from([kind for kind in EventKind if kind is not event.kind]))
    for changed in ({"kind": kind}, {"seq": event.seq + 1}, {"subject_id": OTHER}):
        bad = [*events[:index], replace(event, **changed), *events[index + 1 :]]
        assert verify_chain(bad) == index + 1


@given(events=CHAINS, data=st.data())
def test_a_removed_event_is_found(events, data):
    index = data.draw(st.integers(0, len(events) - 1))
    left = events[:index] + events[index + 1 :]
    assert verify_chain(left, head=events[-1].hash) == index + 1


@given(events=CHAINS, data=st.data())
def test_swapped_events_are_found(events, data):
    assume(len(events) > 1)
    first = data.draw(st.integers(0, len(events) - 2))
    events[first], events[first + 1] = events[first + 1], events[first]
    assert verify_chain(events) == first + 1


@given(events=CHAINS, data=st.data())
def test_a_past_rewritten_with_all_its_hashes_shows_in_the_head(events, data):
    index = data.draw(st.integers(0, len(events) - 1))
    payloads = [json.loads(event.body) for event in events]
    payloads[index] = {**payloads[index], "rewritten": True}
    assert verify_chain(chain(payloads), head=events[-1].hash) == len(events) + 1


def test_another_subjects_chain_does_not_pass_for_ones_own():
    mine, theirs = chain([{}, {}]), chain([{}, {}], OTHER)
    assert verify_chain([mine[0], theirs[1]]) == 2
    assert mine[0].hash != theirs[0].hash


@pytest.mark.parametrize("changes", [{"seq": 3}, {"subject_id": OTHER}])
def test_an_event_that_does_not_belong_is_found_though_its_hash_is_right(changes):
    first, second = chain([{}, {}])
    moved = replace(second, **changes)
    right = event_hash(first.hash, moved.subject_id, moved.seq, moved.kind, moved.body)
    assert verify_chain([first, replace(moved, hash=right)]) == 2


def test_parts_cannot_flow_into_each_other():
    """Without lengths the kind's last letters could pass for the body's first."""
    assert event_hash(GENESIS, SUBJECT, 1, EventKind.STRUCK, b"x") != event_hash(
        GENESIS, SUBJECT, 1, EventKind.STRUCK, b"xx"
    )
    assert event_hash(GENESIS[:-1], SUBJECT, 1, EventKind.STRUCK, b"") != event_hash(
        GENESIS, SUBJECT, 1, EventKind.STRUCK, b""
    )


def test_the_format_of_hashes_does_not_change_unnoticed():
    """A ledger written once must verify for ever: a new format needs a new name inside."""
    event = append(None, SUBJECT, EventKind.REGISTERED, {"kind": "video"})
    parts = [
        b"underseal/event/1",
        hashlib.sha256(b"\0\0\0\0\0\0\0\x13underseal/genesis/1").digest(),
        SUBJECT.bytes,
        b"\0\0\0\0\0\0\0\x01",
        b"registered",
        b'{"kind":"video"}',
    ]
    joined = b"".join(len(part).to_bytes(8) + part for part in parts)
    assert event.hash == hashlib.sha256(joined).digest()


ROW = {"guideline": "spam", "filed_on": "2026-03-01", "tag": "00ff", "may_be_guessed": False}


@given(digests=st.lists(DIGESTS, max_size=20), data=st.data())
def test_a_commitment_does_not_depend_on_order(digests, data):
    assert commitment(data.draw(st.permutations(digests))) == commitment(digests)


@given(digests=st.lists(DIGESTS, min_size=1, max_size=20), data=st.data())
def test_a_changed_missing_or_repeated_report_changes_the_commitment(digests, data):
    index = data.draw(st.integers(0, len(digests) - 1))
    changed = report_digest({**ROW, "index": index})
    for other in (
        digests[:index] + digests[index + 1 :],
        [*digests, digests[index]],
        [*digests[:index], changed, *digests[index + 1 :]],
    ):
        assert commitment(other) != commitment(digests)


@pytest.mark.parametrize("field", ROW)
def test_each_field_of_a_report_counts(field):
    assert report_digest({**ROW, field: "else"}) != report_digest(ROW)
    assert report_digest({key: ROW[key] for key in ROW if key != field}) != report_digest(ROW)


LEAVES = [
    "", "00", "10", "2021", "3031", "40414243", "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
]  # fmt: skip
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
"""Certificate Transparency's own test vectors for trees of zero to eight leaves."""


@pytest.mark.parametrize("size", range(9))
def test_roots_agree_with_certificate_transparency(size):
    leaves = [bytes.fromhex(leaf) for leaf in LEAVES[:size]]
    assert merkle_root(leaves).hex() == ROOTS[size]


@given(leaves=st.lists(st.binary(max_size=4), max_size=40))
def test_roots_agree_with_the_recursion_of_the_rfc(leaves):
    def recursion(part):
        if not part:
            return hashlib.sha256().digest()
        if len(part) == 1:
            return hashlib.sha256(b"\0" + part[0]).digest()
        split = 1 << (len(part) - 1).bit_length() - 1
        halves = recursion(part[:split]) + recursion(part[split:])
        return hashlib.sha256(b"\1" + halves).digest()

    assert merkle_root(leaves) == recursion(leaves)


def test_each_part_of_a_checkpoint_counts():
    root = merkle_root([head_leaf(SUBJECT, 3, GENESIS)])
    roots = {
        root,
        merkle_root([head_leaf(OTHER, 3, GENESIS)]),
        merkle_root([head_leaf(SUBJECT, 4, GENESIS)]),
        merkle_root([head_leaf(SUBJECT, 3, root)]),
    }
    checkpoints = {
        checkpoint_hash(GENESIS, root, 1, NOON),
        checkpoint_hash(root, root, 1, NOON),
        checkpoint_hash(GENESIS, GENESIS, 1, NOON),
        checkpoint_hash(GENESIS, root, 2, NOON),
        checkpoint_hash(GENESIS, root, 1, NOON + timedelta(microseconds=1)),
    }
    assert len(roots) == 4
    assert len(checkpoints) == 5
