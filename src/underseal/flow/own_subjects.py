"""What a moderator's own account owns is not theirs to judge, nor to know of.

For whoever uses an account on the platform themself a case about it, or about what it owns, is
not there: they neither get it, nor find it by its address, nor confirm what is decided on it.
"""

from underseal.core.caller import PrincipalId
from underseal.core.subject import SubjectId
from underseal.flow.system import System
from underseal.seal.own_account import open_account
from underseal.store import own_accounts
from underseal.store.connection import Connection
from underseal.store.subjects import Subject


async def own_subjects(
    conn: Connection, system: System, principal_id: PrincipalId
) -> tuple[SubjectId, ...]:
    """Return the accounts that somebody has declared to be their own."""
    sealed = await own_accounts.load_accounts(conn, principal_id)
    return tuple(open_account(system.keys.notes, each, principal_id) for each in sealed)


async def is_own(
    conn: Connection, system: System, principal_id: PrincipalId, subject: Subject
) -> bool:
    """Return whether a subject is somebody's own account, or belongs to it."""
    own = await own_subjects(conn, system, principal_id)
    return subject.subject_id in own or subject.creator_id in own
