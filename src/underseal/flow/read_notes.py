"""What reporters say, in plain text, for those who judge it and for the check of what they write."""

from underseal.core.subject import SubjectId
from underseal.flow.read_inquiries import told_answers
from underseal.flow.seal_report import note_place
from underseal.seal.keys import KeyRing
from underseal.seal.vault import DataKey, KeyDestroyedError, decrypt_note, unwrap
from underseal.store import notes
from underseal.store.connection import Connection


async def data_key(conn: Connection, keys: KeyRing, subject_id: SubjectId) -> DataKey | None:
    """Return the key of the notes about a subject, or None where retention has destroyed it."""
    try:
        return unwrap(keys.notes, await notes.note_key(conn, subject_id), subject_id)
    except KeyDestroyedError:
        return None


async def all_notes(conn: Connection, keys: KeyRing, subject_id: SubjectId) -> tuple[str, ...]:
    """Return every note about a subject that can still be read, and every answer to a question."""
    key = await data_key(conn, keys, subject_id)
    if key is None:
        return ()
    told = tuple(
        decrypt_note(key, each.note, note_place(subject_id, each.round, each.guideline, each.tag))
        for each in await notes.notes_on(conn, subject_id)
    )
    return told + await told_answers(conn, key, subject_id)
