"""What keeps an embedded server from starting, and what it says then."""

import asyncio
import fcntl
import os
import secrets
import shutil
import stat
import subprocess
import tempfile
from pathlib import Path

import pytest
from embedded import ask

from underseal.store.cluster import (
    DiskFullError,
    OtherVersionError,
    PathTooLongError,
    ServerFailedError,
    cluster_folder,
    socket_folder,
)
from underseal.store.roles import PasswordsLostError, load_passwords, password_file
from underseal.store.server import StartTimeoutError

pytestmark = pytest.mark.slow  # every test has a server of its own

ROOT = os.geteuid() == 0


def test_settings_can_be_given_but_not_those_that_keep_it_private(data, embed):
    embed(data, work_mem="7MB", listen_addresses="*", log_statement="all").start()
    settings = {
        name: asyncio.run(ask(data, f"show {name}"))
        for name in ("work_mem", "listen_addresses", "log_statement")
    }
    assert settings == {"work_mem": "7MB", "listen_addresses": "", "log_statement": "none"}


def test_a_server_that_does_not_answer_in_time_is_reported(data, embed):
    with (data / "server.lock").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # somebody else has it, and does not serve
        with pytest.raises(StartTimeoutError, match=r"see .*postgres\.log"):
            embed(data).start(patience_s=0.2)


def test_a_folder_of_another_major_version_is_refused(data, embed):
    (cluster_folder(data) / "PG_VERSION").write_text("9\n")
    with pytest.raises(OtherVersionError, match=r"made by PostgreSQL 9, .* pg_dump"):
        embed(data).start()


def test_lost_passwords_are_named_instead_of_replaced(data, embed):
    password_file(data).unlink()
    with pytest.raises(PasswordsLostError, match="restore it"):
        embed(data).start()
    with pytest.raises(PasswordsLostError, match="restore it"):
        load_passwords(data)
    assert not password_file(data).exists()


def test_a_setting_that_postgresql_refuses_is_reported_in_its_words(data, embed):
    with pytest.raises(ServerFailedError, match="shared_buffers"):
        embed(data, shared_buffers="many").start()


def test_after_a_failed_start_the_cause_can_be_put_right(data, embed):
    version = (cluster_folder(data) / "PG_VERSION").read_text()
    (cluster_folder(data) / "PG_VERSION").write_text("9\n")
    with pytest.raises(OtherVersionError):
        embed(data).start()
    (cluster_folder(data) / "PG_VERSION").write_text(version)
    embed(data).start()


async def test_a_path_too_long_for_a_socket_gets_a_folder_elsewhere(data, embed, place):
    deep = place / ("d" * 100) / secrets.token_hex(4)
    deep.parent.mkdir(exist_ok=True)
    data.rename(deep)
    embed(deep).start()
    elsewhere = socket_folder(deep)
    assert stat.S_IMODE(elsewhere.stat().st_mode) == 0o700
    assert await ask(deep, "select 1") == 1
    embed(deep).start()
    assert socket_folder(deep) == elsewhere
    deep.rename(data)
    shutil.rmtree(elsewhere)


def test_a_folder_elsewhere_that_has_become_somebody_elses_is_not_used(data, embed, place):
    deep = place / ("d" * 100) / secrets.token_hex(4)
    deep.parent.mkdir(exist_ok=True)
    data.rename(deep)
    trap = Path(tempfile.mkdtemp())
    trap.chmod(0o777)
    (deep / "socket-folder").write_text(str(trap))
    embed(deep).start()
    assert socket_folder(deep) != trap
    assert list(trap.iterdir()) == []
    shutil.rmtree(socket_folder(deep))
    deep.rename(data)
    trap.rmdir()


def test_where_every_path_is_too_long_the_error_says_so(data, embed, place, monkeypatch):
    deep = place / ("d" * 100) / secrets.token_hex(4)
    deep.parent.mkdir(exist_ok=True)
    data.rename(deep)
    monkeypatch.setattr(tempfile, "tempdir", str(deep))
    with pytest.raises(PathTooLongError, match="shorter path"):
        embed(deep).start()
    deep.rename(data)


def test_a_full_disk_is_reported_as_such(place, embed):
    small = place / secrets.token_hex(4)
    small.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=20m,mode=0711", "tmpfs", small]
    if not ROOT or subprocess.run(command, check=False, capture_output=True).returncode != 0:
        pytest.skip("mounting a small disk needs rights")
    try:
        with pytest.raises(DiskFullError, match=f"holds {small} is full"):
            embed(small).start()
        assert not cluster_folder(small).exists()
    finally:
        subprocess.run(["umount", small], check=True)


def test_a_socket_folder_with_another_owner_or_mode_is_made_anew(data, embed):
    (data / "run").chmod(0o777)
    embed(data).start()
    assert stat.S_IMODE((data / "run").stat().st_mode) == 0o700
