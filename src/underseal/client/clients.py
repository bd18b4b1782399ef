"""The two clients: the same requests, sent and awaited or not."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from types import TracebackType
from typing import Final, Self, TypeVar

import httpx

from underseal.client.answers import Registered
from underseal.client.transport import TIMEOUT_S, Request, read

T = TypeVar("T")

CHUNK_BYTES: Final = 1 << 20

LIMITS: Final = httpx.Limits(
    max_connections=100,
    max_keepalive_connections=20,
    # Shorter than the server keeps one (uvicorn: 5 s), or a request may meet it closing.
    keepalive_expiry=2.0,
)


class Client:
    """A connection to Underseal; use it in a `with` block or close it.

    Args:
        url: where the API is, without `/v1`.
        key: an API key.
    """

    def __init__(self, url: str, *, key: str) -> None:
        self._http = httpx.Client(
            base_url=url, headers=_headers(key), timeout=TIMEOUT_S, limits=LIMITS
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection."""
        self._http.close()

    def send(self, request: Request[T]) -> T:
        """Send a request and return its answer.

        Raises:
            ApiError: the API refused.
            httpx.TransportError: there was no answer.
        """
        answer = self._http.request(
            request.method, request.path, content=request.body, headers=request.headers
        )
        return read(request, answer.status_code, answer.content)

    def upload(self, registered: Registered, media: Path) -> Registered:
        """Upload the media that a registration awaits.

        Raises:
            ApiError, httpx.TransportError: as `send`.
        """
        request = _upload(registered)
        answer = self._http.put(request.path, content=_chunks(media))
        return read(request, answer.status_code, answer.content)


class AsyncClient:
    """As `Client`, for asynchronous code."""

    def __init__(self, url: str, *, key: str) -> None:
        self._http = httpx.AsyncClient(
            base_url=url, headers=_headers(key), timeout=TIMEOUT_S, limits=LIMITS
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connection."""
        await self._http.aclose()

    async def send(self, request: Request[T]) -> T:
        """Send a request and return its answer.

        Raises:
            ApiError: the API refused.
            httpx.TransportError: there was no answer.
        """
        answer = await self._http.request(
            request.method, request.path, content=request.body, headers=request.headers
        )
        return read(request, answer.status_code, answer.content)

    async def upload(self, registered: Registered, media: Path) -> Registered:
        """Upload the media that a registration awaits.

        Raises:
            ApiError, httpx.TransportError: as `send`.
        """
        request = _upload(registered)

        async def chunks() -> AsyncIterator[bytes]:
            for chunk in _chunks(media):
                yield chunk

        answer = await self._http.put(request.path, content=chunks())
        return read(request, answer.status_code, answer.content)


def _headers(key: str) -> dict[str, str]:
    return {"authorization": f"Bearer {key}"}


def _upload(registered: Registered) -> Request[Registered]:
    if registered.upload_url is None:
        raise ValueError("this registration awaits no upload")
    return Request(method="PUT", path=registered.upload_url, answer=Registered)


def _chunks(media: Path) -> Iterator[bytes]:
    with media.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            yield chunk
