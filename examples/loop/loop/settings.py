"""The settings: one frozen record, read once from the environment."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Final, Self

DEFAULTS: Final = {
    "LOOP_HOST": "127.0.0.1",
    "LOOP_PORT": "8800",
    "LOOP_DATA": "loop-data",
    "LOOP_COUNTRY": "",
    "LOOP_TICK_SECONDS": "3600",
    "UNDERSEAL_URL": "http://127.0.0.1:8700",
}


class SettingError(Exception):
    """A variable of the environment is missing, or holds what cannot be used."""

    def __init__(self, name: str, problem: str) -> None:
        super().__init__(f"{name}: {problem}")
        self.name = name


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All settings.

    Attributes:
        host, port: where Loop listens (LOOP_HOST, LOOP_PORT).
        url: where browsers and Underseal find it (LOOP_URL; from host and port unless given).
        data: folder of its database, videos and secrets (LOOP_DATA).
        country: where visitors are taken to be, an ISO 3166-1 alpha-2 code (LOOP_COUNTRY). A site
            with visitors from everywhere would ask its edge instead.
        tick: Underseal's tick, for which views are told (LOOP_TICK_SECONDS).
        underseal_url: where Underseal is, for servers and browsers alike (UNDERSEAL_URL).
        key: the API key (UNDERSEAL_KEY names the file that holds it).
        ticket_secret: what signs tickets (UNDERSEAL_TICKET_SECRET names its file).
    """

    host: str
    port: int
    url: str
    data: Path
    country: str
    tick: timedelta
    underseal_url: str
    # Secrets are read from files: an environment is shown by `ps` and inherited by every child.
    key: str = field(repr=False)
    ticket_secret: str = field(repr=False)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Self:
        """Read the settings.

        Raises:
            SettingError: one is missing or makes no sense.
        """
        given = {**DEFAULTS, **{name: value for name, value in environment.items() if value}}
        host, port = given["LOOP_HOST"], int(_positive(given, "LOOP_PORT"))
        return cls(
            host=host,
            port=port,
            url=given.get("LOOP_URL", f"http://{host}:{port}").rstrip("/"),
            data=Path(given["LOOP_DATA"]).absolute(),
            country=given["LOOP_COUNTRY"].upper(),
            tick=timedelta(seconds=_positive(given, "LOOP_TICK_SECONDS")),
            underseal_url=given["UNDERSEAL_URL"].rstrip("/"),
            key=_secret(given, "UNDERSEAL_KEY"),
            ticket_secret=_secret(given, "UNDERSEAL_TICKET_SECRET"),
        )


def _positive(given: Mapping[str, str], name: str) -> float:
    try:
        number = float(given[name])
    except ValueError:
        raise SettingError(name, f"{given[name]!r} is not a number") from None
    if not 0 < number < float("inf"):
        raise SettingError(name, "is not positive")
    return number


def _secret(given: Mapping[str, str], name: str) -> str:
    if name not in given:
        raise SettingError(name, "name the file that holds it")
    try:
        return Path(given[name]).read_text().strip()
    except OSError as error:
        raise SettingError(name, f"cannot be read: {error.strerror}") from None
