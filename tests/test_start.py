"""Keys and clocks that are not as they should be: every command refuses, before it does anything."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from underseal.seal.keys import add_year, create

pytestmark = pytest.mark.slow

PROGRAM = Path(sys.executable).with_name("underseal")
YEAR = datetime.now(UTC).year


@pytest.fixture
def folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="underseal-"))
    folder.chmod(0o711)
    private_key = create(folder / "keys", datetime.now(UTC).date())
    (folder / "escrow.key").write_text(private_key.private_bytes_raw().hex())
    yield folder
    shutil.rmtree(folder)


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {
        **{name: value for name, value in os.environ.items() if "UNDERSEAL" not in name},
        "UNDERSEAL_DATA": str(folder / "data"),
        "UNDERSEAL_KEYS": str(folder / "keys"),
        "COLUMNS": "400",
    }
    return subprocess.run(
        [PROGRAM, *arguments],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def spoil(name: str, text: str) -> Callable[[Path], object]:
    return lambda keys: (keys / name).write_text(text)


WRONG = {
    "no folder": (shutil.rmtree, "is missing: restore it"),
    "missing": (lambda keys: (keys / "notes.key").unlink(), "notes.key is missing: restore it"),
    "short": (spoil("receipt.key", "a5" * 31), "exactly 64 hexadecimal digits"),
    "reused": (
        lambda keys: (keys / "notes.key").write_text((keys / "media.key").read_text()),
        "hold the same bytes",
    ),
    "world-readable": (lambda keys: (keys / "notes.key").chmod(0o644), "run `chmod 600"),
    "no key of the year": (
        lambda keys: (keys / f"year-{YEAR}.key").rename(keys / f"year-{YEAR - 1}.key"),
        f"run `underseal keys add-year {YEAR}` and restart",
    ),
    "low-order escrow key": (spoil("escrow.pub", "00" * 32), "not an X25519 public key"),
    "short escrow key": (spoil("escrow.pub", "a5" * 16), "exactly 64 hexadecimal digits"),
    "private escrow key": (
        lambda keys: shutil.copyfile(keys.parent / "escrow.key", keys / "escrow.pub"),
        "keep that half off every server",
    ),
    "private escrow key beside": (
        lambda keys: shutil.copy(keys.parent / "escrow.key", keys / "escrow.key"),
        "move it to where no server can read it",
    ),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_service_does_not_start_on_such_keys(folder: Path, wrong: str) -> None:
    spoiled, said = WRONG[wrong]
    spoiled(folder / "keys")
    answer = run(folder, "serve")
    assert answer.returncode == 1
    assert said in answer.stderr
    assert len(answer.stderr.splitlines()) == 1
    assert not (folder / "data").exists(), "it has not even looked for a database"


def test_nor_does_any_other_command_that_needs_them(folder: Path) -> None:
    (folder / "keys" / "notes.key").chmod(0o644)
    for command in (("worker",), ("audit", "verify"), ("export", "reporter", "--receipt", "x")):
        assert "run `chmod 600" in run(folder, *command).stderr, command
    assert not (folder / "data").exists()


def test_a_key_that_is_there_is_not_made_again(folder: Path) -> None:
    add_year(folder / "keys", YEAR + 1)
    before = {path: path.read_bytes() for path in (folder / "keys").iterdir()}
    assert "never overwritten" in run(folder, "keys", "add-year", str(YEAR + 1)).stderr
    answer = run(folder, "keys", "create", "--escrow", str(folder / "other.key"))
    assert "is not empty" in answer.stderr
    assert {path: path.read_bytes() for path in (folder / "keys").iterdir()} == before
    assert not (folder / "other.key").exists()
