"""Fetching media from addresses that a platform names, without becoming a way into our network.

Each name is resolved here, every address it has must be public, and the connection goes to one that
was checked: a name that resolves otherwise a moment later gains nothing by it. Each redirect is
checked like the first address.
"""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from enum import StrEnum
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import BinaryIO, Final, TypeAlias

import httpx

REDIRECTS_MAX: Final = 3
"""Redirects that are followed. A limit of ours."""

FETCH_S: Final = 120.0
"""Seconds that a download may take, redirects and all. A setting."""

CHUNK_BYTES: Final = 1 << 16

IPV6_GLOBAL: Final = ip_network("2000::/3")
"""All that IANA has given out for global use; whatever translates to IPv4 is elsewhere, or below."""

NOT_GLOBAL: Final = tuple(
    map(ip_network, ("192.0.0.0/24", "192.88.99.0/24", "2002::/16", "3fff::/20"))
)
"""Protocol assignments, 6to4 and documentation, which Python 3.11 takes for global.

Source: IANA's special-purpose address registries."""

PORTS: Final = {"http": 80, "https": 443}
PORT_MAX: Final = 65_535

Resolve: TypeAlias = Callable[[str, int], Awaitable[tuple[str, ...]]]
"""From a name and a port to all addresses; raises OSError for an unknown name."""


class FetchFailure(StrEnum):
    """Why media could not be fetched."""

    BAD_URL = "bad_url"
    NOT_HTTPS = "not_https"
    UNKNOWN_NAME = "unknown_name"
    FORBIDDEN_ADDRESS = "forbidden_address"
    UNREACHABLE = "unreachable"
    BAD_STATUS = "bad_status"
    TOO_MANY_REDIRECTS = "too_many_redirects"
    TOO_LARGE = "too_large"
    TIMED_OUT = "timed_out"
    BROKEN_OFF = "broken_off"


class FetchFailedError(Exception):
    """The media could not be fetched."""

    def __init__(self, failure: FetchFailure) -> None:
        super().__init__(failure)
        self.failure = failure


async def resolve(name: str, port: int) -> tuple[str, ...]:
    """Ask the system for all addresses of a name."""
    found = await asyncio.get_running_loop().getaddrinfo(name, port, type=socket.SOCK_STREAM)
    return tuple(str(place[0]) for *_, place in found)


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Whether an address belongs to the Internet at large: to no network of ours, nobody's twice."""
    if isinstance(address, IPv6Address) and address not in IPV6_GLOBAL:
        return False
    return (
        address.is_global
        and not address.is_multicast
        and not any(address in network for network in NOT_GLOBAL)
    )


def parse_url(url: str, base: httpx.URL | None = None) -> httpx.URL:
    """Return what `url` asks for, relative to `base`.

    Raises:
        FetchFailedError: `bad_url`.
    """
    try:
        asked = httpx.URL(url) if base is None else base.join(url)
    except (httpx.InvalidURL, ValueError):
        raise FetchFailedError(FetchFailure.BAD_URL) from None
    is_whole = asked.scheme in PORTS and asked.host and (asked.port or 0) <= PORT_MAX
    if not is_whole or asked.userinfo:
        raise FetchFailedError(FetchFailure.BAD_URL)
    return asked


async def public_address(
    asked: httpx.URL, allowed_hosts: frozenset[str], resolve: Resolve = resolve
) -> str:
    """Return the address to connect to, once all that the name has are found public.

    Raises:
        FetchFailedError: `not_https`, `unknown_name` or `forbidden_address`.
    """
    port = asked.port or PORTS[asked.scheme]
    is_allowed = f"{asked.host}:{port}" in allowed_hosts
    if asked.scheme != "https" and not is_allowed:
        raise FetchFailedError(FetchFailure.NOT_HTTPS)
    try:
        addresses = await resolve(asked.raw_host.decode(), port)
    except (OSError, UnicodeError):
        raise FetchFailedError(FetchFailure.UNKNOWN_NAME) from None
    if not addresses:
        raise FetchFailedError(FetchFailure.UNKNOWN_NAME)
    if not is_allowed and not all(is_public(ip_address(address)) for address in addresses):
        raise FetchFailedError(FetchFailure.FORBIDDEN_ADDRESS)
    return addresses[0]


class Fetcher:
    """Downloads media.

    `allowed_hosts` are names with their port (`host:port`) that may have private addresses and may
    be asked without TLS.
    """

    def __init__(
        self,
        *,
        allowed_hosts: frozenset[str],
        resolve: Resolve = resolve,
        fetch_s: float = FETCH_S,
    ) -> None:
        self._allowed_hosts = allowed_hosts
        self._resolve = resolve
        self._tls = httpx.create_ssl_context()
        self._fetch_s = fetch_s

    async def fetch(self, url: str, target: BinaryIO, *, bytes_max: int) -> int:
        """Write what `url` holds to `target`, and return its size in bytes.

        What `target` holds after a failure is worthless.

        Raises:
            FetchFailedError: it was refused, or did not arrive whole.
        """
        try:
            async with asyncio.timeout(self._fetch_s):
                return await self._follow(url, target, bytes_max)
        except (TimeoutError, httpx.TimeoutException):
            raise FetchFailedError(FetchFailure.TIMED_OUT) from None
        except httpx.ConnectError:
            raise FetchFailedError(FetchFailure.UNREACHABLE) from None
        except httpx.HTTPError:
            raise FetchFailedError(FetchFailure.BROKEN_OFF) from None

    async def _follow(self, url: str, target: BinaryIO, bytes_max: int) -> int:
        asked = parse_url(url)
        for _ in range(1 + REDIRECTS_MAX):
            pinned = asked.copy_with(
                host=await public_address(asked, self._allowed_hosts, self._resolve)
            )
            async with (
                httpx.AsyncClient(
                    verify=self._tls, trust_env=False, timeout=self._fetch_s
                ) as client,
                client.stream(
                    "GET",
                    pinned,
                    headers={"host": asked.netloc.decode(), "accept-encoding": "identity"},
                    extensions={"sni_hostname": asked.raw_host.decode()},
                ) as response,
            ):
                if not response.has_redirect_location:
                    return await _receive(response, target, bytes_max)
                asked = parse_url(response.headers["location"], asked)
        raise FetchFailedError(FetchFailure.TOO_MANY_REDIRECTS)


async def _receive(response: httpx.Response, target: BinaryIO, bytes_max: int) -> int:
    """Write the body as it comes, whatever length was announced."""
    if response.status_code != httpx.codes.OK or "content-encoding" in response.headers:
        raise FetchFailedError(FetchFailure.BAD_STATUS)
    if int(response.headers.get("content-length", 0)) > bytes_max:
        raise FetchFailedError(FetchFailure.TOO_LARGE)
    size_bytes = 0
    async for chunk in response.aiter_raw(CHUNK_BYTES):
        size_bytes += len(chunk)
        if size_bytes > bytes_max:
            raise FetchFailedError(FetchFailure.TOO_LARGE)
        target.write(chunk)
    return size_bytes
