"""A sealed identity is opened on a machine that has the key and the file, and nothing else."""

import sys
from pathlib import Path
from uuid import UUID

import pytest
from house import elsewhere

from underseal import cli
from underseal.cli.private_file import private_file
from underseal.core.report import Pseudonym
from underseal.seal.escrow import seal_identity
from underseal.seal.escrow_key import new_private_key, private_key_text
from underseal.seal.taken_identity import TakenIdentity, taken_text

AGAIN = "take it again with `underseal unseal take`"


@pytest.fixture
def stick(tmp_path: Path) -> Path:
    """A medium with the key, another one, the public half, and a file; and files that are none."""
    private_key, pseudonym = new_private_key(), Pseudonym(bytes(32))
    for name, key in (("escrow.key", private_key), ("other.key", new_private_key())):
        with private_file(tmp_path / name) as file:
            file.write(private_key_text(key))
    public_key = private_key.public_key()
    (tmp_path / "escrow.pub").write_bytes(public_key.public_bytes_raw())
    taken = TakenIdentity(
        request_id=UUID(int=1),
        pseudonym=pseudonym,
        year=2026,
        sealed=seal_identity(public_key, "reporter-of-the-guide", pseudonym, 2026),
    )
    text = taken_text(taken)
    for name, content in (
        ("sealed", text),
        ("half", text[: len(text) // 2]),
        ("changed", text.replace('"sealed": "', '"sealed": "AAAA')),
        ("newer", text.replace("identity/1", "identity/2")),
        ("empty", ""),
    ):
        (tmp_path / name).write_text(content)
    (tmp_path / "stranger").write_bytes(bytes(range(256)))
    return tmp_path


@pytest.mark.slow
@pytest.mark.parametrize(
    "settings",
    [
        {},
        {
            "UNDERSEAL_PORT": "none",
            "UNDERSEAL_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",
            "UNDERSEAL_KEYS": "/nowhere",
        },
    ],
)
def test_file_and_key_are_all_that_it_takes(stick, settings):
    """No setting is needed, and those that stop every other command are not even read."""
    opening = ("unseal", "open", stick / "sealed", "--key", stick / "escrow.key")
    opened = elsewhere(stick, *opening, **settings)
    assert (opened.returncode, opened.stdout) == (0, "reporter-of-the-guide\n"), opened.stderr
    if settings:
        other = elsewhere(stick, "audit", "verify", **settings)
        assert "UNDERSEAL_PORT: 'none' is not a number" in other.stderr


@pytest.mark.parametrize(
    ("file", "key", "said"),
    [
        ("sealed", "other.key", "sealed to another escrow key"),
        ("changed", "escrow.key", "the file was changed since it was taken"),
        ("sealed", "escrow.pub", "not the private half of an escrow key: that is one line of 64"),
        ("sealed", "stranger", "not the private half"),
        ("sealed", "lost.key", "No such file"),
        ("lost", "escrow.key", "No such file"),
        ("half", "escrow.key", AGAIN),
        ("newer", "escrow.key", AGAIN),
        ("empty", "escrow.key", AGAIN),
        ("stranger", "escrow.key", AGAIN),
        ("escrow.key", "escrow.key", AGAIN),
    ],
)
def test_what_does_not_open_says_what_to_do(stick, monkeypatch, capsys, file, key, said):
    arguments = ["underseal", "unseal", "open", str(stick / file), "--key", str(stick / key)]
    monkeypatch.setattr(sys, "argv", arguments)
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 1
    told = capsys.readouterr()
    assert told.out == ""
    assert said in " ".join(told.err.split())
