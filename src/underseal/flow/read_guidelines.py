"""The guidelines that are and were in force, and what has changed from one to another."""

from dataclasses import dataclass

from underseal.core.guideline_diff import Hunk, guideline_diff
from underseal.flow.system import System
from underseal.store.guidelines import RecordedVersion, guideline_versions, text_of_guidelines
from underseal.store.roles import Role


class UnknownGuidelinesError(Exception):
    """No such version of the guidelines was ever in force."""

    def __init__(self, version: str) -> None:
        super().__init__(f"the guidelines never had a version {version!r}")
        self.version = version


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Two versions, and where they differ."""

    before: str
    after: str
    hunks: tuple[Hunk, ...]


async def read_versions(system: System) -> tuple[RecordedVersion, ...]:
    """Return every version that was ever in force, the newest first."""
    async with system.db.transaction(Role.CONSOLE) as conn:
        return await guideline_versions(conn)


async def read_text(system: System, version: str) -> str:
    """Return what a version says, word for word.

    Raises:
        UnknownGuidelinesError: there is none.
    """
    async with system.db.transaction(Role.CONSOLE) as conn:
        text = await text_of_guidelines(conn, version)
    if text is None:
        raise UnknownGuidelinesError(version)
    return text


async def compare_versions(system: System, before: str, after: str) -> Comparison:
    """Return where two versions differ.

    Raises:
        UnknownGuidelinesError: one of them never was in force.
    """
    return Comparison(
        before=before,
        after=after,
        hunks=guideline_diff(await read_text(system, before), await read_text(system, after)),
    )
