import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from io import BytesIO
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from underseal.scan.fetch import Fetcher, FetchFailedError, FetchFailure, is_public

Respond = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
BODY = bytes(range(256)) * 512


@dataclass
class Server:
    """A server on this machine, and the heads of the requests it got."""

    port: int
    heads: list[str] = field(default_factory=list)

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        return f"http://{self.host}/media"


@asynccontextmanager
async def serving(respond: Respond, tls: ssl.SSLContext | None = None) -> AsyncIterator[Server]:
    connections: list[asyncio.Task[None]] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            found.heads.append((await reader.readuntil(b"\r\n\r\n")).decode())
            await respond(reader, writer)
            await writer.drain()
        finally:
            writer.close()
            await writer.wait_closed()

    def connect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connections.append(asyncio.create_task(answer(reader, writer)))

    server = await asyncio.start_server(connect, "127.0.0.1", 0, ssl=tls)
    found = Server(server.sockets[0].getsockname()[1])
    async with server:
        yield found
    await asyncio.gather(*connections, return_exceptions=True)


def responding(*lines: str, body: bytes = b"") -> Respond:
    async def respond(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write("\r\n".join([*lines, "", ""]).encode() + body)

    return respond


def ok(body: bytes = BODY, length: int | None = None) -> Respond:
    size = len(body) if length is None else length
    return responding("HTTP/1.1 200 OK", f"Content-Length: {size}", body=body)


def redirecting(url: str) -> Respond:
    return responding("HTTP/1.1 302 Found", f"Location: {url}", "Content-Length: 0")


async def fetched(url: str, *allowed: str, bytes_max: int = 1 << 20, fetch_s: float = 20) -> bytes:
    target = BytesIO()
    fetcher = Fetcher(allowed_hosts=frozenset(allowed), fetch_s=fetch_s)
    size_bytes = await fetcher.fetch(url, target, bytes_max=bytes_max)
    assert size_bytes == len(target.getvalue())
    return target.getvalue()


async def failure(url: str, *allowed: str, bytes_max: int = 1 << 20, fetch_s: float = 20) -> str:
    with pytest.raises(FetchFailedError) as failed:
        await fetched(url, *allowed, bytes_max=bytes_max, fetch_s=fetch_s)
    return failed.value.failure


async def test_media_of_an_allowed_host_are_fetched_whole() -> None:
    async with serving(ok()) as server:
        assert await fetched(server.url, server.host, bytes_max=len(BODY)) == BODY
    assert "accept-encoding: identity" in server.heads[0]


async def test_a_redirect_is_followed() -> None:
    async with serving(ok()) as there, serving(redirecting(there.url)) as here:
        assert await fetched(here.url, here.host, there.host) == BODY


async def test_a_redirect_within_a_host_may_be_relative() -> None:
    async def respond(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        is_second = "/elsewhere" in server.heads[-1]
        await (ok() if is_second else redirecting("elsewhere"))(reader, writer)

    async with serving(respond) as server:
        assert await fetched(server.url, server.host) == BODY


@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_a_redirect_to_a_private_address_is_refused(scheme: str) -> None:
    async with (
        serving(ok()) as inside,
        serving(redirecting(f"{scheme}://{inside.host}/secrets")) as outside,
    ):
        refused = await failure(outside.url, outside.host)
    assert refused in {FetchFailure.NOT_HTTPS, FetchFailure.FORBIDDEN_ADDRESS}
    assert inside.heads == []


async def test_redirects_do_not_go_on_forever() -> None:
    async with serving(redirecting("/again")) as server:
        assert await failure(server.url, server.host) == FetchFailure.TOO_MANY_REDIRECTS
    assert len(server.heads) == 4


@pytest.mark.parametrize(
    "host",
    ["localhost", "127.0.0.1", "127.1", "2130706433", "0x7f.1", "[::1]", "[::ffff:127.0.0.1]"],
)
async def test_whatever_name_this_machine_has_it_is_refused(host: str) -> None:
    async with serving(ok()) as server:
        url = f"https://{host}:{server.port}/media"
        assert await failure(url) == FetchFailure.FORBIDDEN_ADDRESS
    assert server.heads == []


PRIVATE = [
    "10.0.0.1",
    "100.64.0.1",
    "127.0.0.1",
    "169.254.169.254",
    "172.16.0.1",
    "192.0.0.8",
    "192.168.1.1",
    "198.18.0.1",
    "224.0.0.1",
    "240.0.0.1",
    "0.0.0.0",
    "255.255.255.255",
    "192.88.99.1",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:8.8.8.8",
    "64:ff9b::7f00:1",
    "64:ff9b:1::1",
    "100::1",
    "2001::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "3fff::1",
    "fc00::1",
    "fe80::1",
    "fe80::1%lo",
    "fec0::1",
    "ff02::1",
]


@pytest.mark.parametrize("address", PRIVATE)
def test_addresses_of_networks_like_ours_are_not_public(address: str) -> None:
    assert not is_public(ip_address(address))


@pytest.mark.parametrize("address", ["10.0.0.1", "fe80::1%lo"])
async def test_a_name_with_one_private_address_among_others_is_refused(address: str) -> None:
    async def resolve(name: str, port: int) -> tuple[str, ...]:
        assert (name, port) == ("media.example.com", 443)
        return ("8.8.8.8", address)

    fetcher = Fetcher(allowed_hosts=frozenset(), resolve=resolve)
    with pytest.raises(FetchFailedError) as failed:
        await fetcher.fetch("https://media.example.com/a", BytesIO(), bytes_max=1)
    assert failed.value.failure is FetchFailure.FORBIDDEN_ADDRESS


@pytest.mark.parametrize("address", ["8.8.8.8", "93.184.215.14", "2606:4700::6810:84e5"])
def test_addresses_of_the_internet_at_large_are_public(address: str) -> None:
    assert is_public(ip_address(address))


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://example.com/video.mp4", FetchFailure.NOT_HTTPS),
        ("file:///etc/passwd", FetchFailure.BAD_URL),
        ("ftp://example.com/video.mp4", FetchFailure.BAD_URL),
        ("https://user:secret@example.com/", FetchFailure.BAD_URL),
        ("https:///video.mp4", FetchFailure.BAD_URL),
        ("https://example.com:port/", FetchFailure.BAD_URL),
        ("https://example.com:99999/", FetchFailure.BAD_URL),
        ("video.mp4", FetchFailure.BAD_URL),
        ("https://name.invalid/video.mp4", FetchFailure.UNKNOWN_NAME),
        (f"https://{'a' * 64}.example/", FetchFailure.UNKNOWN_NAME),
    ],
)
async def test_an_address_that_cannot_be_used_is_refused(url: str, reason: FetchFailure) -> None:
    assert await failure(url) == reason


async def test_a_file_that_announces_too_much_is_not_read() -> None:
    async with serving(ok(length=len(BODY) * 2)) as server:
        assert await failure(server.url, server.host, bytes_max=len(BODY)) == "too_large"


async def test_a_file_that_goes_on_beyond_the_limit_is_cut_off() -> None:
    async def endless(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while True:
            writer.write(b"%x\r\n%b\r\n" % (len(BODY), BODY))
            await writer.drain()

    async with serving(endless) as server:
        assert await failure(server.url, server.host, bytes_max=10 * len(BODY)) == "too_large"


async def test_a_length_that_lies_low_gains_nothing() -> None:
    async with serving(ok(length=100)) as server:
        assert await fetched(server.url, server.host, bytes_max=100) == BODY[:100]


async def test_a_file_that_ends_early_is_broken_off() -> None:
    async with serving(ok(length=len(BODY) + 1)) as server:
        assert await failure(server.url, server.host) == FetchFailure.BROKEN_OFF


async def test_a_server_that_drips_runs_out_of_time() -> None:
    async def drip(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        for _second in range(1000):
            writer.write(b".")
            await writer.drain()
            await asyncio.sleep(0.02)  # the attack itself

    async with serving(drip) as server:
        assert await failure(server.url, server.host, fetch_s=0.2) == FetchFailure.TIMED_OUT


async def test_a_server_that_never_answers_runs_out_of_time() -> None:
    async def wait(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        await reader.read()

    async with serving(wait) as server:
        assert await failure(server.url, server.host, fetch_s=0.2) == FetchFailure.TIMED_OUT


async def test_a_port_where_nobody_listens_is_unreachable() -> None:
    async with serving(ok()) as server:
        pass
    assert await failure(server.url, server.host) == FetchFailure.UNREACHABLE


@pytest.mark.parametrize(
    "lines",
    [
        ["HTTP/1.1 404 Not Found", "Content-Length: 0"],
        ["HTTP/1.1 206 Partial Content", "Content-Length: 0"],
        ["HTTP/1.1 200 OK", "Content-Encoding: gzip", "Content-Length: 0"],
        ["HTTP/1.1 302 Found", "Content-Length: 0"],
    ],
)
async def test_an_answer_without_the_media_is_refused(lines: list[str]) -> None:
    async with serving(responding(*lines)) as server:
        assert await failure(server.url, server.host) == FetchFailure.BAD_STATUS


async def test_what_does_not_speak_http_is_refused() -> None:
    async with serving(responding("SSH-2.0-OpenSSH")) as server:
        assert await failure(server.url, server.host) == FetchFailure.BROKEN_OFF


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate for media.example.com, and its key beside it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "media.example.com")])
    now = datetime.now(UTC)
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.DNSName("media.example.com")]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path / "certificate.pem"
    path.write_bytes(
        built.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return path


async def test_the_connection_goes_to_the_checked_address_under_the_asked_name(
    certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name that resolves to another address the second time is asked for its address once."""
    asked: list[str] = []
    named: list[str | None] = []

    async def resolve(name: str, _: int) -> tuple[str, ...]:
        asked.append(name)
        return ("127.0.0.1" if len(asked) == 1 else "127.0.0.2",)

    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(certificate)
    tls.sni_callback = lambda _, name, __: named.append(name)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    async with serving(ok(), tls) as server:
        host, target = f"media.example.com:{server.port}", BytesIO()
        fetcher = Fetcher(allowed_hosts=frozenset({host}), resolve=resolve)
        assert await fetcher.fetch(f"https://{host}/a", target, bytes_max=1 << 20) == len(BODY)
    assert asked == named == ["media.example.com"]
    assert f"host: {host}" in server.heads[0].lower()


async def test_a_certificate_for_another_name_is_refused(
    certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(certificate)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    async with serving(ok(), tls) as server:
        url = f"https://127.0.0.1:{server.port}/a"
        assert await failure(url, server.host) == FetchFailure.UNREACHABLE
    assert server.heads == []
