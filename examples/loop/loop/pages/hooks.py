"""Webhooks: taken down, and answered at once."""

from litestar import post
from litestar.exceptions import ClientException, ServiceUnavailableException

from loop.gate import FOR_MACHINES
from loop.injected import AnyRequest, Injected
from loop.listening import HOOK, Listener, take, webhook_secret
from loop.site import Site
from underseal.client import InvalidWebhookError, open_webhook

BODY_BYTES_MAX = 100_000
"""More than any message has: Underseal's are 20 kB at most."""


@post(
    HOOK,
    status_code=204,
    request_max_body_size=BODY_BYTES_MAX,
    # It brings no cookie and comes from no page: what counts is its signature.
    opt={FOR_MACHINES: True},
)
async def receive(request: AnyRequest, site: Injected[Site], listener: Injected[Listener]) -> None:
    """Take a message that Underseal signed; whatever else comes is refused and changes nothing.

    The signature covers the bytes, so they are read before anything parses them. Underseal waits
    15 seconds for the answer and sends again where there is none: asking it back happens later,
    in the background.
    """
    secret = webhook_secret(site)
    if secret is None:
        raise ServiceUnavailableException(detail="`python -m loop connect` was not run yet")
    headers = dict(request.headers)
    try:
        message = open_webhook(secret, headers, await request.body())
    except InvalidWebhookError:
        raise ClientException(detail="not a message of Underseal's") from None
    if take(site, headers["webhook-id"], message):
        listener.wake()


handlers = (receive,)
