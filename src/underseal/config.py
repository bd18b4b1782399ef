"""The settings: one frozen record, read once from the environment.

Every setting has a default that is safe outside the demo; a value that makes no sense is refused
at start with a message that names the variable.
"""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Final, Literal, get_args

Weighting = Literal["off", "shadow", "priority_only", "priority_and_threshold"]

DATA_OF_ROOT: Final = Path("/var/lib/underseal")
GIB: Final = 1024**3

LONGEST_WINDOW: Final = timedelta(days=7)
"""`core.disclosure.LONGEST`, which ticks must divide."""

HOST_AND_PORT: Final = re.compile(r"[^\s/@:]+:\d{1,5}|\[[0-9a-fA-F:.]+\]:\d{1,5}")
TWO_SHARES: Final = re.compile(r"(\d{1,9})/(\d{1,9}),(\d{1,9})/(\d{1,9})", re.ASCII)

ISSUER: Final = re.compile(
    r"https://[^\s?#@]+|http://(?:localhost|127\.0\.0\.1):\d{1,5}(?:/[^\s?#]*)?"
)
"""OpenID Connect Discovery 1.0, 3: https without query or fragment; plain on this machine alone."""


class SettingError(Exception):
    """A variable of the environment holds a value that cannot be used."""

    def __init__(self, name: str, problem: str) -> None:
        super().__init__(f"{name}: {problem}")
        self.name = name


@dataclass(frozen=True, slots=True, kw_only=True)
class OidcClient:
    """What we are to an OpenID provider that people may sign in with."""

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """All settings; the name of each variable is `UNDERSEAL_` and the field in capitals.

    Attributes:
        data: folder of the embedded server, its secrets, and the media store.
        keys: folder of the key files; keep it on another disk than the database's.
        database_url: a PostgreSQL >= 15 whose user may create roles; none: the embedded server.
        guidelines: file of the guidelines; none: the set that is shipped.
        checkpoints: folder that checkpoints are exported to; copy it off the machine.
        host, port: where `serve` listens.
        tick_seconds: length of a tick, a whole part of a week; an hour outside the demo.
        weighting: what reporters' track records may do in this deployment. Until enough decisions
            calibrate it, reports order the queue and nothing more.
        allowed_hosts: `host:port` that media may be fetched from and webhooks sent to although
            their addresses are private.
        media_bytes_max: largest media file.
        cover_audit_rate: share of small-audience windows whose video is looked at by chance.
        prevalence_audits: looks a day that are drawn from all that was seen, to estimate which share
            of views breaks a guideline: a thousand a month. 0: none.
        readers: how often moderators found a breach, and cleared what has none, in a test with known
            answers: `hits/cases,hits/cases`. The share of views on violating content is corrected
            by it; without it, people are taken to be right.
        report_age_days_max: every report leads to a look within that many days. On the day after
            them receipts say that nothing was found.
        oidc: the provider that people may sign in to the console with, too. Its variables are
            `UNDERSEAL_OIDC_ISSUER`, `_CLIENT_ID` and `_CLIENT_SECRET_FILE`; all of them or none.
        require_sandbox: refuse to scan where the kernel offers no namespaces or no seccomp.
    """

    data: Path
    keys: Path
    database_url: str | None = field(repr=False)  # it may hold a password
    guidelines: Path | None
    checkpoints: Path
    host: str
    port: int
    tick_seconds: float
    weighting: Weighting
    allowed_hosts: frozenset[str]
    media_bytes_max: int
    cover_audit_rate: float
    prevalence_audits: int
    readers: tuple[tuple[int, int], tuple[int, int]] | None
    report_age_days_max: int
    oidc: OidcClient | None
    require_sandbox: bool

    @property
    def tick(self) -> timedelta:
        """The length of a tick."""
        return timedelta(seconds=self.tick_seconds)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "Config":
        """Read the settings.

        Raises:
            SettingError: a value cannot be used.
        """
        read = _Reader(environment)
        data = read.path("DATA") or _default_data(environment)
        return cls(
            data=data,
            keys=read.path("KEYS") or data / "keys",
            database_url=read.text("DATABASE_URL", None),
            guidelines=read.path("GUIDELINES"),
            checkpoints=read.path("CHECKPOINTS") or data / "checkpoints",
            host=read.text("HOST", None) or "127.0.0.1",
            port=read.whole("PORT", 8700, 0, 65535),
            tick_seconds=read.tick("TICK_SECONDS", 3600),
            weighting=read.weighting("WEIGHTING", "priority_only"),
            allowed_hosts=read.hosts("ALLOWED_HOSTS"),
            media_bytes_max=read.whole("MEDIA_BYTES_MAX", GIB, 1, 64 * GIB),
            cover_audit_rate=read.number("COVER_AUDIT_RATE", 0.02, 0, 1),
            prevalence_audits=read.whole("PREVALENCE_AUDITS", 34, 0, 10_000),
            readers=read.readers("READERS"),
            report_age_days_max=read.whole("REPORT_AGE_DAYS_MAX", 7, 1, 90),
            oidc=read.oidc(),
            require_sandbox=read.flag("REQUIRE_SANDBOX", default=True),
        )


def environment() -> Mapping[str, str]:
    """Return the environment of the process: the one place that reads it."""
    return os.environ  # noqa: TID251 - settings are read here


@dataclass(frozen=True, slots=True)
class _Reader:
    environment: Mapping[str, str]

    def text(self, field: str, default: str | None) -> str | None:
        return self.environment.get(f"UNDERSEAL_{field}") or default

    def path(self, field: str) -> Path | None:
        value = self.text(field, None)
        return Path(value).expanduser().absolute() if value else None

    def number(self, field: str, default: float, least: float, most: float) -> float:
        value = self.text(field, None)
        if value is None:
            return default
        try:
            number = float(value)
        except ValueError:
            raise SettingError(f"UNDERSEAL_{field}", f"{value!r} is not a number") from None
        if not least <= number <= most:
            raise SettingError(f"UNDERSEAL_{field}", f"{value} is not between {least} and {most}")
        return number

    def whole(self, field: str, default: int, least: int, most: int) -> int:
        number = float(self.number(field, default, least, most))
        if not number.is_integer():
            raise SettingError(f"UNDERSEAL_{field}", f"{number} is not a whole number")
        return int(number)

    def tick(self, field: str, default: float) -> float:
        seconds = self.number(field, default, 0.5, 86_400)
        if LONGEST_WINDOW % timedelta(seconds=seconds):
            raise SettingError(f"UNDERSEAL_{field}", f"{seconds} is not a whole part of a week")
        return seconds

    def hosts(self, field: str) -> frozenset[str]:
        named = [each.strip() for each in (self.text(field, None) or "").split(",")]
        for each in filter(None, named):
            if not HOST_AND_PORT.fullmatch(each):
                raise SettingError(f"UNDERSEAL_{field}", f"{each!r} is not a host:port")
        return frozenset(filter(None, named))

    def readers(self, field: str) -> tuple[tuple[int, int], tuple[int, int]] | None:
        value = self.text(field, None)
        if value is None:
            return None
        told = TWO_SHARES.fullmatch(value)
        if told is None:
            raise SettingError(f"UNDERSEAL_{field}", f"{value!r} is not hits/cases,hits/cases")
        found, breaches, cleared, others = map(int, told.groups())
        if not (0 < breaches >= found and 0 < others >= cleared):
            raise SettingError(f"UNDERSEAL_{field}", f"{value} is not of any cases, or of too few")
        return (found, breaches), (cleared, others)

    def flag(self, field: str, *, default: bool) -> bool:
        value = self.text(field, None)
        if value not in (None, "yes", "no"):
            raise SettingError(f"UNDERSEAL_{field}", f"{value!r} is neither yes nor no")
        return default if value is None else value == "yes"

    def oidc(self) -> OidcClient | None:
        names = ("OIDC_ISSUER", "OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET_FILE")
        issuer, client_id, secret_file = (self.text(name, None) for name in names)
        if issuer is None and client_id is None and secret_file is None:
            return None
        if issuer is None or client_id is None or secret_file is None:
            raise SettingError(f"UNDERSEAL_{names[0]}", f"goes with {names[1]} and {names[2]}")
        if not ISSUER.fullmatch(issuer):
            raise SettingError(f"UNDERSEAL_{names[0]}", f"{issuer!r} is not an https:// address")
        try:
            secret = Path(secret_file).expanduser().read_text().strip()
        except OSError as error:
            raise SettingError(
                f"UNDERSEAL_{names[2]}", f"{error.strerror}: {secret_file}"
            ) from None
        if not secret:
            raise SettingError(f"UNDERSEAL_{names[2]}", f"{secret_file} is empty")
        return OidcClient(issuer=issuer, client_id=client_id, client_secret=secret)

    def weighting(self, field: str, default: Weighting) -> Weighting:
        value = self.text(field, None)
        for known in get_args(Weighting):
            if value == known:
                choice: Weighting = known
                return choice
        if value is not None:
            raise SettingError(f"UNDERSEAL_{field}", f"one of {', '.join(get_args(Weighting))}")
        return default


def _default_data(environment: Mapping[str, str]) -> Path:
    """Return where a service (as root) or a person keeps state by convention (XDG)."""
    if os.geteuid() == 0:
        return DATA_OF_ROOT
    home = Path(environment.get("HOME", "."))
    return Path(environment.get("XDG_DATA_HOME") or home / ".local/share") / "underseal"
