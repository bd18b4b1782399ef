import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from underseal.seal.escrow_key import (
    EscrowKeyError,
    EscrowKeyInvalidError,
    EscrowKeyIsPrivateError,
    new_private_key,
    parse_private_key,
    parse_public_key,
    private_key_text,
)


def test_a_pair_of_ours_can_always_be_told_apart() -> None:
    for _ in range(200):
        private_key = new_private_key()
        public = private_key.public_key().public_bytes_raw()
        assert parse_public_key(public).public_bytes_raw() == public
        with pytest.raises(EscrowKeyIsPrivateError):
            parse_public_key(private_key.private_bytes_raw())
        with pytest.raises(EscrowKeyInvalidError):
            parse_private_key(public.hex())


def test_the_private_half_survives_being_written_down() -> None:
    private_key = new_private_key()
    again = parse_private_key(f"  {private_key_text(private_key)}\n")
    assert again.private_bytes_raw() == private_key.private_bytes_raw()


@given(st.binary(min_size=32, max_size=32))
def test_a_point_off_the_curve_is_refused(raw: bytes) -> None:
    # Elligator's map (RFC 9380, 6.7.1) gives of each pair u, -A-u at least one point of the curve.
    prime = 2**255 - 19
    u = int.from_bytes(raw, "little") % prime
    partner = (-486662 - u) % prime
    squares = [pow(x * (x * x + 486662 * x + 1), (prime - 1) // 2, prime) for x in (u, partner)]
    for x, square in zip((u, partner), squares, strict=True):
        if square == prime - 1:
            with pytest.raises(EscrowKeyError):
                parse_public_key(x.to_bytes(32, "little"))


@pytest.mark.parametrize("raw", [b"", bytes(31), bytes(33), bytes(31) + b"\xc0"])
def test_what_is_no_public_key_is_refused_as_such(raw: bytes) -> None:
    with pytest.raises(EscrowKeyInvalidError):
        parse_public_key(raw)


def test_a_number_beyond_the_field_is_refused() -> None:
    public = X25519PrivateKey.from_private_bytes(b"\x09" * 32).public_key().public_bytes_raw()
    parse_public_key(public)
    with pytest.raises(EscrowKeyInvalidError):
        parse_public_key(public[:31] + bytes([public[31] | 0x80]))


@pytest.mark.parametrize("text", ["", "secret", "zz" * 32, "a5" * 31, "a5" * 33])
def test_what_is_no_private_key_is_refused_and_not_quoted(text: str) -> None:
    with pytest.raises(EscrowKeyInvalidError) as caught:
        parse_private_key(text)
    assert not text or text not in str(caught.value)


PRIME = 2**255 - 19
ORDER_8 = (
    0x00B8495F16056286FDB1329CEB8D09DA6AC49FF1FAE35616AEB8413B7C7AEBE0,
    0x57119FD0DD4E22D8868E1C58C45C44045BEF839C55B1D0B1248C50A3BC959C5F,
)


def doubled(u: int) -> int:
    """The u of twice the point (RFC 7748, section 5); 0 where there is none."""
    squared = u * u % PRIME
    below = 4 * u * (squared + 486662 * u + 1) % PRIME
    return (squared - 1) ** 2 * pow(below, PRIME - 2, PRIME) % PRIME


def test_the_points_of_order_8_are_that() -> None:
    for u in ORDER_8:
        assert doubled(doubled(doubled(u))) == 0
        assert doubled(u) != 0


@pytest.mark.parametrize("u", [0, 1, PRIME - 1, PRIME, PRIME + 1, 2 * PRIME - 1, *ORDER_8])
def test_a_point_of_small_order_is_refused(u: int) -> None:
    """To such a key everybody seals alike, and anybody opens."""
    raw = u.to_bytes(32, "little")
    for high in (0, 0x80):
        with pytest.raises(EscrowKeyError):
            parse_public_key(raw[:31] + bytes([raw[31] | high]))
