"""The guidelines come into force: from now on decisions can refer to this version."""

import hashlib
from datetime import date

from underseal.core.guideline_file import parse
from underseal.store.guidelines import add_guidelines
from underseal.store.pool import Database
from underseal.store.roles import Role


class GuidelinesChangedError(Exception):
    """The text was changed under a version that is in force already."""

    def __init__(self, version: str) -> None:
        super().__init__(
            f"the guidelines were changed but are still called version {version!r}: "
            "give them a new `version`"
        )
        self.version = version


async def adopt_guidelines(db: Database, text: str, file_name: str, today: date) -> None:
    """Record the guidelines as they are now.

    Raises:
        GuidelineFileError: they are not well formed.
        GuidelinesChangedError: another text has this version.
    """
    version = parse(text, file_name).version
    sha256 = hashlib.sha256(text.encode()).digest()
    async with db.transaction(Role.CORE) as conn:
        if await add_guidelines(conn, version, text, sha256, today) != sha256:
            raise GuidelinesChangedError(version)
