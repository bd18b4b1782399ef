"""Reporters: an account was deleted, and who it was is to be forgotten."""

from datetime import date, datetime

from litestar import post

from underseal.core.caller import Scope
from underseal.core.subject import check_external_id
from underseal.flow.forget_reporter import forget_reporter
from underseal.flow.system import System
from underseal.web.api.bodies import Answer, ExternalId, Strict
from underseal.web.api.operation import Injected, platforms


class Reporter(Strict):
    """A person as the platform names them."""

    id: ExternalId

    def __post_init__(self) -> None:
        check_external_id(self.id)


class ForgetBody(Strict):
    """Whose account was deleted."""

    reporter: Reporter


class ForgottenAnswer(Answer):
    """The day by which nobody can tell any more who it was. It is answered of anybody."""

    identity_destroyed_by: date


@post("/v1/reporters/forget", status_code=202, opt=platforms(Scope.REPORTS_WRITE))
async def forget(
    given: Injected[ForgetBody], system: Injected[System], now: Injected[datetime]
) -> ForgottenAnswer:
    """Destroy the sealed identities of a deleted account in time. Its reports stay."""
    return ForgottenAnswer(
        identity_destroyed_by=await forget_reporter(system, given.reporter.id, now)
    )


handlers = (forget,)
