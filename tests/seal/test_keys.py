import os
import stat
from collections.abc import Callable
from datetime import date
from hmac import digest
from pathlib import Path

import pytest

from underseal.seal.escrow_key import EscrowKeyInvalidError, EscrowKeyIsPrivateError
from underseal.seal.key_file import (
    KeyFileExistsError,
    KeyFileExposedError,
    KeyFileMissingError,
    KeyFileOwnerError,
    KeyFolderError,
    KeyLengthError,
    KeyNotHexError,
)
from underseal.seal.keys import (
    FIXED_FILES,
    SECRET_FILES,
    FolderNotEmptyError,
    KeyRing,
    SameKeyError,
    StrayFileError,
    YearKeyMissingError,
    YearNotOverError,
    add_year,
    create,
    destroy_year,
)

TODAY = date(2026, 11, 22)


def rewrite(path: Path, text: str) -> None:
    path.write_text(text)


def test_a_created_folder_loads_and_is_open_to_its_owner_alone(folder: Path) -> None:
    KeyRing.load(folder, TODAY)
    assert {path.name for path in folder.iterdir()} == {*FIXED_FILES, "year-2026.key"}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}


def test_a_created_folder_does_not_hold_the_private_escrow_key(tmp_path: Path) -> None:
    private_key = create(tmp_path / "keys", TODAY)
    raw = private_key.private_bytes_raw()
    for path in (tmp_path / "keys").iterdir():
        assert bytes.fromhex(path.read_text()) != raw
    ring = KeyRing.load(tmp_path / "keys", TODAY)
    assert ring.escrow.public_bytes_raw() == private_key.public_key().public_bytes_raw()


def test_every_use_has_a_key_of_its_own(folder: Path) -> None:
    add_year(folder, 2025)
    ring = KeyRing.load(folder, TODAY)
    keys = [ring.receipt, ring.notes, ring.media, ring.webhooks, ring.aliases, ring.cursors]
    keys += [key for year in ring.for_day(TODAY) for key in (year.tag, year.pseudonym)]
    assert len(set(keys)) == len(keys) == 10
    assert {len(key) for key in keys} == {32}


def test_two_folders_have_nothing_in_common(tmp_path: Path) -> None:
    create(tmp_path / "one", TODAY)
    create(tmp_path / "two", TODAY)
    texts = [path.read_text() for name in ("one", "two") for path in (tmp_path / name).iterdir()]
    assert len(set(texts)) == len(texts)


def test_each_key_comes_from_the_file_of_its_name(folder: Path) -> None:
    ring = KeyRing.load(folder, TODAY)
    for name in SECRET_FILES:
        key: bytes = getattr(ring, name.removesuffix(".key"))
        assert key == bytes.fromhex((folder / name).read_text())


def test_the_keys_of_a_year_are_what_they_have_always_been(folder: Path) -> None:
    """HKDF by hand (RFC 5869): with another derivation a stored year is lost."""
    secret = bytes.fromhex((folder / "year-2026.key").read_text())
    drawn = digest(bytes(32), secret, "sha256")
    year = KeyRing.load(folder, TODAY).for_day(TODAY)[0]
    assert year.tag == digest(drawn, b"underseal/tag/1\x01", "sha256")
    assert year.pseudonym == digest(drawn, b"underseal/pseudonym/1\x01", "sha256")


def test_the_live_years_are_the_current_and_all_older_ones_newest_first(folder: Path) -> None:
    for year in (2024, 2025, 2027):
        add_year(folder, year)
    ring = KeyRing.load(folder, TODAY)
    assert [keys.year for keys in ring.for_day(date(2026, 12, 31))] == [2026, 2025, 2024]
    assert [keys.year for keys in ring.for_day(date(2027, 1, 1))] == [2027, 2026, 2025, 2024]


def test_a_day_without_its_years_key_is_refused_and_no_key_is_made(folder: Path) -> None:
    before = sorted(folder.iterdir())
    ring = KeyRing.load(folder, TODAY)
    with pytest.raises(YearKeyMissingError, match=r"underseal keys add-year 2027") as caught:
        ring.for_day(date(2027, 1, 1))
    assert caught.value.year == 2027
    with pytest.raises(YearKeyMissingError, match=r"year-2027\.key is missing"):
        KeyRing.load(folder, date(2027, 1, 1))
    assert sorted(folder.iterdir()) == before


def refuse(folder: Path, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        KeyRing.load(folder, TODAY)


@pytest.mark.parametrize("name", FIXED_FILES)
def test_a_missing_file_is_refused(folder: Path, name: str) -> None:
    (folder / name).unlink()
    refuse(folder, KeyFileMissingError, rf"{name} is missing: restore it from your backup")


def test_a_missing_folder_is_refused(tmp_path: Path) -> None:
    refuse(tmp_path / "none", KeyFileMissingError, r"underseal keys create")


def test_a_folder_in_the_place_of_a_key_is_refused(folder: Path) -> None:
    (folder / "notes.key").unlink()
    (folder / "notes.key").mkdir(mode=0o700)
    refuse(folder, KeyFileMissingError, r"notes\.key is missing")


@pytest.mark.parametrize("name", [*FIXED_FILES, "year-2026.key"])
@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        ("", KeyLengthError, r"exactly 64 hexadecimal digits"),
        ("a5" * 31, KeyLengthError, r"exactly 64 hexadecimal digits"),
        ("a5" * 31 + "a", KeyLengthError, r"exactly 64 hexadecimal digits"),
        ("a5" * 33, KeyLengthError, r"exactly 64 hexadecimal digits"),
        ("a5" * 5000, KeyLengthError, r"exactly 64 hexadecimal digits"),
        ("xy" * 32, KeyNotHexError, r"is not hexadecimal: restore it from your backup"),
        ("a5 " * 32, KeyNotHexError, r"is not hexadecimal"),
        ("\N{FULLWIDTH DIGIT ONE}" * 64, KeyNotHexError, r"is not hexadecimal"),
    ],
)
def test_a_file_that_is_not_32_bytes_of_hex_is_refused(
    folder: Path, name: str, text: str, error: type[Exception], message: str
) -> None:
    rewrite(folder / name, text)
    refuse(folder, error, message)


@pytest.mark.parametrize("mode", [0o640, 0o620, 0o604, 0o602, 0o610, 0o644])
def test_a_file_that_others_can_reach_is_refused(folder: Path, mode: int) -> None:
    (folder / "receipt.key").chmod(mode)
    refuse(folder, KeyFileExposedError, r"run `chmod 600 .*receipt\.key`")


@pytest.mark.parametrize("mode", [0o750, 0o701, 0o755])
def test_a_folder_that_others_can_reach_is_refused(folder: Path, mode: int) -> None:
    folder.chmod(mode)
    refuse(folder, KeyFileExposedError, r"run `chmod 700 .*keys`")


def test_what_belongs_to_somebody_else_is_refused(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    somebody_else = os.geteuid() + 1
    monkeypatch.setattr(os, "geteuid", lambda: somebody_else)
    refuse(folder, KeyFileOwnerError, r"does not belong to the user that runs Underseal")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_a_single_file_of_somebody_else_is_refused(folder: Path) -> None:
    os.chown(folder / "aliases.key", 12345, -1)
    refuse(folder, KeyFileOwnerError, r"aliases\.key does not belong")


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("receipt.key", "notes.key"),
        ("cursors.key", "year-2026.key"),
        ("escrow.pub", "media.key"),
        ("year-2026.key", "year-2025.key"),
    ],
)
def test_the_same_bytes_in_two_files_are_refused(folder: Path, first: str, second: str) -> None:
    if second == "year-2025.key":
        add_year(folder, 2025)
    rewrite(folder / second, (folder / first).read_text().upper())
    with pytest.raises(SameKeyError, match=r"hold the same bytes") as caught:
        KeyRing.load(folder, TODAY)
    assert set(caught.value.names) == {first, second}


@pytest.mark.parametrize("name", ["escrow.key", "year-2025.key.bak", "year-25.key", "notes.key~"])
def test_a_stray_file_is_refused(folder: Path, name: str) -> None:
    (folder / name).touch(mode=0o600)
    refuse(folder, StrayFileError, r"does not belong here: move it")


def test_a_hidden_file_is_no_stray(folder: Path) -> None:
    (folder / ".keep").touch()
    KeyRing.load(folder, TODAY)


def test_a_private_key_in_the_place_of_the_public_one_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    private_key = create(folder, TODAY)
    rewrite(folder / "escrow.pub", private_key.private_bytes_raw().hex())
    refuse(folder, EscrowKeyIsPrivateError, r"keep that half off every server")


@pytest.mark.parametrize("raw", [bytes(32), b"\x01" + bytes(31), b"\xff" * 32])
def test_an_escrow_key_that_is_none_is_refused(folder: Path, raw: bytes) -> None:
    rewrite(folder / "escrow.pub", raw.hex())
    refuse(folder, EscrowKeyInvalidError, r"copy it again from the machine that made the pair")


@pytest.mark.parametrize(
    "spoil",
    [
        lambda folder: (folder / "notes.key").unlink(),
        lambda folder: (folder / "notes.key").write_text("a5" * 31),
        lambda folder: (folder / "notes.key").write_text("not hex but secret"),
        lambda folder: (folder / "notes.key").write_text((folder / "media.key").read_text()),
        lambda folder: (folder / "notes.key").chmod(0o644),
        lambda folder: (folder / "escrow.key").touch(),
    ],
)
def test_a_refusal_quotes_no_key(folder: Path, spoil: Callable[[Path], object]) -> None:
    spoil(folder)
    with pytest.raises(KeyFolderError) as caught:
        KeyRing.load(folder, TODAY)
    said = f"{caught.value!s}{caught.value!r}"
    for path in folder.iterdir():
        text = path.read_text().strip()
        assert not text or text not in said


def test_keys_are_never_made_over_others(folder: Path) -> None:
    before = {path: path.read_text() for path in folder.iterdir()}
    with pytest.raises(FolderNotEmptyError, match=r"is not empty"):
        create(folder, TODAY)
    with pytest.raises(KeyFileExistsError, match=r"year-2026\.key exists and is never overwritten"):
        add_year(folder, 2026)
    assert {path: path.read_text() for path in folder.iterdir()} == before


def test_keys_are_not_made_in_a_folder_that_others_can_reach(tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    folder.mkdir()
    folder.chmod(0o755)
    with pytest.raises(KeyFileExposedError):
        create(folder, TODAY)
    assert not list(folder.iterdir())


def test_a_destroyed_year_is_gone_from_disk_and_ring(folder: Path) -> None:
    add_year(folder, 2025)
    path = folder / "year-2025.key"
    key = path.read_text()
    with path.open() as held_open:
        destroy_year(folder, 2025, TODAY)
        assert key.strip() not in held_open.read()
    assert not path.exists()
    assert [keys.year for keys in KeyRing.load(folder, TODAY).for_day(TODAY)] == [2026]


@pytest.mark.parametrize("year", [2026, 2027])
def test_a_year_that_is_not_over_is_not_destroyed(folder: Path, year: int) -> None:
    add_year(folder, 2027)
    with pytest.raises(YearNotOverError, match=rf"in use until {year} is over"):
        destroy_year(folder, year, TODAY)
    assert (folder / f"year-{year}.key").exists()


def test_a_year_without_key_cannot_be_destroyed(folder: Path) -> None:
    with pytest.raises(KeyFileMissingError):
        destroy_year(folder, 2025, TODAY)
