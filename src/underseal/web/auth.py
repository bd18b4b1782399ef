"""Who comes in: what the `Authorization` header says, and what that allows.

Authorization: Bearer us_<key id>_<secret>     a platform's server, or a moderator's program
Authorization: Ticket <ticket>                 a browser, for reports of one subject
"""

from datetime import datetime

from underseal.core.caller import Caller, Scope, ScopeMissingError, require_scope
from underseal.flow.authenticate import Callers
from underseal.seal.ticket import Ticket
from underseal.web.problems import NoCredentialsError


async def authenticate(
    callers: Callers, authorization: str | None, now: datetime
) -> Caller | Ticket:
    """Return whose key the request came with, or what its ticket vouches for.

    Raises:
        NoCredentialsError: it came without either.
        UnknownKeyError, KeySignsNoTicketsError, TicketError: it came with one of no use.
        DatabaseAwayError: the keys cannot be read.
    """
    scheme, _, credentials = (authorization or "").partition(" ")
    match scheme.casefold():
        case "bearer":
            return await callers.by_token(credentials.strip())
        case "ticket":
            return await callers.by_ticket(credentials.strip(), now)
        case _:
            raise NoCredentialsError("send an API key as `Authorization: Bearer us_…`")


async def authenticate_platform(
    callers: Callers, authorization: str | None, scope: Scope, now: datetime
) -> Caller:
    """Return the caller whose key has `scope`.

    Raises:
        ScopeMissingError: it has not, or the request came with a ticket.
        NoCredentialsError, UnknownKeyError, KeySignsNoTicketsError, TicketError,
            DatabaseAwayError: as `authenticate`.
    """
    match await authenticate(callers, authorization, now):
        case Caller() as caller:
            require_scope(caller, scope)
            return caller
        case Ticket():
            raise ScopeMissingError(scope)
