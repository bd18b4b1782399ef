import pytest
from hypothesis import given
from hypothesis import strategies as st

from underseal.core.password import LENGTH_MAX, LENGTH_MIN, WeakPasswordError, check_password

WORDS = st.sampled_from(
    ["heron", "lantern", "quartz", "violin", "meadow", "copper", "thistle", "anchor", "walnut"]
)


@given(st.lists(WORDS, min_size=3, max_size=8, unique=True), st.sampled_from(["", " ", "-"]))
def test_several_words_are_taken_without_digits_or_signs(words, between):
    password = between.join(words)
    assert check_password(password, "nia@loop.example", "Nia") == password


@given(st.text(max_size=LENGTH_MIN // 2))
def test_what_is_short_is_refused_in_every_script(text):
    with pytest.raises(WeakPasswordError):
        check_password(text)


@pytest.mark.parametrize(
    "password",
    [
        "passwordpassword",
        "Password2026!",
        "P@ssw0rd!!!!",
        "welcome12345",
        "underseal2026",
        "moderator-admin",
        "abcdefghijklmn",
        "098765432109",
        "qwertyuiop123",
        "aaaaaaaaaaaa",
        "abcabcabcabc",
        "nia@loop.example",
        "niakowalska12",
        "KowalskaNia!!",
    ],
)
def test_what_is_guessed_first_is_refused(password):
    with pytest.raises(WeakPasswordError, match="guess"):
        check_password(password, "nia@loop.example", "Nia Kowalska")


def test_two_ways_to_write_one_letter_are_one_password():
    assert check_password("cafe\u0301 noir matin") == check_password("caf\u00e9 noir matin")


def test_what_is_too_long_to_hash_is_refused():
    with pytest.raises(WeakPasswordError, match="at most"):
        check_password("heron lantern " * LENGTH_MAX)
