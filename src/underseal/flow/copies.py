"""Cases about the same media, byte for byte: an edited copy may mean something else."""

from underseal.core.case import ModeratorId
from underseal.core.draft import BULK_MAX
from underseal.flow.own_subjects import own_subjects
from underseal.flow.read_case import Reader
from underseal.flow.system import System
from underseal.store import bulk
from underseal.store.cases import CaseId
from underseal.store.connection import Connection


async def copies_of(
    conn: Connection, system: System, case_id: CaseId, reader: Reader
) -> tuple[CaseId, ...]:
    """Return a case with media, and its copies that wait for whoever reads it, up to a bulk."""
    own = await own_subjects(conn, system, reader.principal_id)
    by = ModeratorId(reader.principal_id)
    return await bulk.waiting_copies(conn, case_id, by, BULK_MAX, own=own)
