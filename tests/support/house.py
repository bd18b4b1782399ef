"""An installation on an embedded database, whose commands are typed as its people type them."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from embedded import wait_until_nobody_serves
from stage import Stage

from underseal import app
from underseal.config import Config
from underseal.core.caller import ModeratorRole
from underseal.flow.authenticate import Callers, admit_moderator
from underseal.flow.file_report import Filer
from underseal.flow.read_case import read_case
from underseal.flow.system import System
from underseal.store.roles import Role
from underseal.store.ticks import add_tick

PROGRAM = Path(sys.executable).with_name("underseal")


class House:
    """An installation: its folders, its people and its commands."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.tokens: dict[str, str] = {}
        self.receipt = self.alias = ""
        self.environment = {
            **{name: value for name, value in os.environ.items() if "UNDERSEAL" not in name},
            "UNDERSEAL_DATA": str(folder / "data"),
            "UNDERSEAL_KEYS": str(folder / "keys"),
            "COLUMNS": "400",
        }

    @property
    def escrow(self) -> Path:
        return self.folder / "stick" / "escrow.key"

    def run(
        self, *arguments: str | Path, by: str = "", typed: str = ""
    ) -> subprocess.CompletedProcess[str]:
        environment = {**self.environment, "UNDERSEAL_TOKEN": self.tokens.get(by, "us_nobody")}
        return subprocess.run(
            [PROGRAM, *map(str, arguments)],
            env=environment,
            input=typed,
            capture_output=True,
            text=True,
            timeout=90,
            check=False,
        )

    def done(self, *arguments: str | Path, by: str = "", typed: str = "") -> str:
        answer = self.run(*arguments, by=by, typed=typed)
        assert answer.returncode == 0, answer.stderr
        return answer.stdout

    def refused(self, said: str, *arguments: str | Path, by: str = "", typed: str = "") -> None:
        answer = self.run(*arguments, by=by, typed=typed)
        assert answer.returncode == 1, answer.stdout
        assert said in answer.stderr
        assert "Traceback" not in answer.stderr
        assert "reporter-of-the-guide" not in answer.stdout + answer.stderr

    async def live(self) -> None:
        """Somebody reports a comment, and it is decided; two people may ask for who it was."""
        config = Config.from_environment(self.environment)
        async with app.open_system(config) as system:
            stage = Stage(system, now=datetime.now(UTC))
            ref = await stage.comment("c1")
            async with Filer(system.db, system.keys, system.guidelines, app.clock) as filer:
                filing = stage.filing(ref, "phishing", note="look there")
                self.receipt = await filer.file(filing, "reporter-of-the-guide")
            case_id = await stage.enqueue(ref)
            await stage.judge(await stage.moderator("mona"), "remove", "phishing")
            await self.hire(system)
            caller = await Callers(system.db, system.keys).by_token(self.tokens["lea"])
            (seen,) = (await read_case(system, case_id, caller, stage.now)).reports
            self.alias = seen.alias

    async def hire(self, system: System) -> None:
        """Let four people in."""
        for name, role in (
            ("lea", ModeratorRole.LEAD),
            ("aude", ModeratorRole.AUDITOR),
            ("ada", ModeratorRole.ADMIN),
            ("mo", ModeratorRole.MODERATOR),
        ):
            key = await admit_moderator(system, name, role, app.clock().date())
            self.tokens[name] = key.token

    async def steps(self) -> list[str]:
        """What the ledger holds of break-glass, in order."""
        async with (
            app.open_system(Config.from_environment(self.environment)) as system,
            system.db.transaction(Role.CORE) as conn,
        ):
            rows = await conn.fetch(
                "select body from events where kind = 'identity_sought' order by seq"
            )
        return [json.loads(row["body"])["step"] for row in rows]

    async def tick(self, at: datetime) -> None:
        """Let the last tick have been then."""
        async with (
            app.open_system(Config.from_environment(self.environment)) as system,
            system.db.transaction(Role.CORE) as conn,
        ):
            await add_tick(conn, at.replace(minute=0, second=0, microsecond=0), at)


@contextmanager
def houses() -> Iterator[House]:
    """Build a house, and tear it down."""
    folder = Path(tempfile.mkdtemp(prefix="underseal-"))
    folder.chmod(0o711)
    (folder / "data").mkdir(mode=0o711)
    (folder / "stick").mkdir(mode=0o700)
    yield House(folder)
    wait_until_nobody_serves(folder / "data")
    shutil.rmtree(folder)


def elsewhere(
    folder: Path, *arguments: str | Path, **settings: str
) -> subprocess.CompletedProcess[str]:
    """Run a command on a machine that has never heard of this Underseal, and leaves nothing there."""
    home = folder / "elsewhere"
    home.mkdir(exist_ok=True)
    answer = subprocess.run(
        [PROGRAM, *map(str, arguments)],
        env={"HOME": str(home), "PATH": os.defpath, "COLUMNS": "400", **settings},
        cwd=home,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    assert not list(home.iterdir())
    return answer
