"""How somebody wants to meet what they review: blurred, without colour, without sound.

All three are on until somebody says otherwise: they spare whoever looks (Das et al. 2020, "Fast,
Accurate, and Healthier: Interactive Blurring Helps Moderators Reduce Exposure to Harmful Content").
"""

from underseal.core.person import Person, Preferences
from underseal.flow.system import System
from underseal.store import people
from underseal.store.roles import Role

__all__ = ["Preferences", "load", "save"]


async def load(system: System, person: Person) -> Preferences:
    """Return how somebody wants to meet what they review."""
    async with system.db.transaction(Role.CONSOLE) as conn:
        return await people.load_preferences(conn, person.principal_id) or Preferences()


async def save(system: System, person: Person, preferences: Preferences) -> None:
    """Keep how somebody wants to meet what they review."""
    async with system.db.transaction(Role.CONSOLE) as conn:
        await people.save_preferences(conn, person.principal_id, preferences)
