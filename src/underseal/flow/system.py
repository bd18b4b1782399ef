"""What every flow needs: the parts of a running Underseal, put together once in `app`."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final
from uuid import UUID

from underseal.config import OidcClient
from underseal.core.disclosure import HOUR, TickLength
from underseal.core.evidence import Weighting
from underseal.core.guideline import Guidelines
from underseal.core.prevalence import Readers
from underseal.seal.keys import KeyRing
from underseal.store.media import MediaStore
from underseal.store.pool import Database

LEASE: Final = timedelta(minutes=10)
"""How long a moderator keeps a case without a sign of life, as in Coop's and Ozone's consoles."""

SCAN_DEADLINE: Final = timedelta(hours=1)
"""How long an upload waits for its scan before a human is asked. A setting."""

SCAN_LEASE: Final = timedelta(minutes=10)
"""After that a scan is taken to have died with its worker. Above the scanner's own time limit."""

SCAN_ATTEMPTS_MAX: Final = 3
"""A file that has killed its scanner this often goes to a human."""

IDENTITY_KEPT: Final = timedelta(days=365)
"""How long identities outlive their account: complaint window and as long again (GDPR 17(3)(e))."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The part of the configuration that flows decide by."""

    tick_length: TickLength = HOUR
    weighting: Weighting = Weighting.PRIORITY_ONLY
    allowed_hosts: frozenset[str] = field(default_factory=frozenset)
    media_bytes_max: int = 1024**3
    cover_audit_rate: float = 0.02
    prevalence_audits: int = 34
    readers: Readers | None = None
    report_age_days_max: int = 7
    oidc: OidcClient | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class System:
    """A running Underseal. `new_id` draws a random UUID; `draw` a number in [0, 1)."""

    db: Database
    keys: KeyRing
    guidelines: Guidelines
    media: MediaStore
    settings: Settings
    new_id: Callable[[], UUID]
    draw: Callable[[], float]
