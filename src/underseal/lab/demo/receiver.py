"""The platform's side: an HTTP server that takes webhooks and offers media to be fetched."""

import threading
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from shutil import copyfileobj
from types import TracebackType
from typing import Final, Self

from underseal.client import InvalidWebhookError, Webhook, open_webhook

BODY_BYTES_MAX: Final = 100_000
"""More than any message has. A limit of ours."""


class Receiver:
    """The server; a context manager. Messages that are not signed as they should be are refused."""

    def __init__(self, media: Path) -> None:
        self.media = media
        self.messages: list[Webhook] = []
        self.refused = 0
        self.fetched = 0
        self._ids: set[str] = set()
        self._secret: str | None = None
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._thread = threading.Thread(target=self._server.serve_forever, name="receiver")

    @property
    def host(self) -> str:
        """Where it listens: `host:port`."""
        return f"127.0.0.1:{self._server.server_port}"

    @property
    def webhook_url(self) -> str:
        """Where messages are sent."""
        return f"http://{self.host}/webhooks"

    def media_url(self, name: str) -> str:
        """Return where a file of the media folder can be fetched."""
        return f"http://{self.host}/media/{name}"

    def trust(self, secret: str) -> None:
        """Take messages that are signed with this secret from now on."""
        self._secret = secret

    def take(self, headers: dict[str, str], body: bytes) -> bool:
        """Take a message, once, if it is genuine; return whether it is."""
        if self._secret is None:
            return False
        try:
            message = open_webhook(self._secret, headers, body)
        except InvalidWebhookError:
            self.refused += 1
            return False
        name = {key.lower(): value for key, value in headers.items()}["webhook-id"]
        if name not in self._ids:
            self._ids.add(name)
            self.messages.append(message)
        return True

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def _handler(receiver: Receiver) -> type[BaseHTTPRequestHandler]:
    """Return what answers a request on behalf of `receiver`."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = receiver.media / Path(self.path).name
            if not self.path.startswith("/media/") or not path.is_file():
                self.send_error(HTTPStatus.NOT_FOUND)
                return
            receiver.fetched += 1
            self.send_response(HTTPStatus.OK)
            self.send_header("content-type", "video/mp4")
            self.send_header("content-length", str(path.stat().st_size))
            self.end_headers()
            with path.open("rb") as file:
                copyfileobj(file, self.wfile)

        def do_POST(self) -> None:
            length = int(self.headers.get("content-length", "0"))
            body = self.rfile.read(min(length, BODY_BYTES_MAX))
            is_taken = receiver.take(dict(self.headers.items()), body)
            self.send_response(HTTPStatus.NO_CONTENT if is_taken else HTTPStatus.BAD_REQUEST)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
            """Say nothing."""

    return Handler
