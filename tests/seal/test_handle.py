"""The handle: what a form calls a report, whoever reports later."""

from datetime import date
from itertools import combinations

import pytest

from underseal.core.subject import SubjectKind, SubjectRef
from underseal.seal.alias import handle
from underseal.seal.keys import KeyRing, create

VIDEO = SubjectRef(kind=SubjectKind.VIDEO, external_id="v1").subject_id
OTHER = SubjectRef(kind=SubjectKind.VIDEO, external_id="v2").subject_id
PLACE = VIDEO.bytes + bytes(8) + b"t" * 32 + b"spam"


@pytest.fixture(scope="module")
def keys(tmp_path_factory) -> list[bytes]:
    """The keys of aliases of two installations."""
    found = []
    for name in ("one", "other"):
        folder = tmp_path_factory.mktemp("handle") / name
        create(folder, date(2026, 11, 22))
        found.append(KeyRing.load(folder, date(2026, 11, 22)).aliases)
    return found


def test_a_report_is_called_the_same_in_one_round_and_otherwise_elsewhere(keys):
    one, other = keys
    found = [
        handle(one, VIDEO, 1, PLACE),
        handle(one, VIDEO, 2, PLACE),
        handle(one, OTHER, 1, PLACE),
        handle(one, VIDEO, 1, PLACE + b"x"),
        handle(other, VIDEO, 1, PLACE),
    ]
    assert handle(one, VIDEO, 1, PLACE) == found[0]
    assert all(first != second for first, second in combinations(found, 2))


def test_a_handle_says_nothing_of_the_tag(keys):
    for key in keys:
        called = handle(key, VIDEO, 1, PLACE)
        assert len(bytes.fromhex(called)) == 16
        assert (b"t" * 4).hex() not in called
