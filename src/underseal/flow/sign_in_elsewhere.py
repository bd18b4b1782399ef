"""Sign in with an OpenID provider: its word for an address of e-mail stands for password and code.

Authorization code with PKCE (RFC 7636), state and nonce; the ID token is checked as OpenID Connect
Core 1.0, 3.1.3.7 says. Nobody comes to be by this: the address must be the user name of somebody
who was invited.
"""

import base64
import secrets
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from hmac import compare_digest
from typing import Final, TypeVar
from urllib.parse import urlencode, urlsplit

import httpx
import msgspec
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, KeySetSerialization

from underseal.config import OidcClient
from underseal.core.person import InvalidPersonError, user_name_of
from underseal.flow.session import begin_session
from underseal.flow.system import System
from underseal.seal.redacted import Redacted
from underseal.store import people
from underseal.store.roles import Role

ALGORITHMS: Final = ("RS256", "PS256", "ES256")
"""Signatures that need the provider's private key; never `none`, never our own secret."""

CLOCKS_APART_S: Final = 60
"""So far a provider's clock may be off. A setting."""

PATIENCE_S: Final = 10.0
DISCOVERY: Final = "/.well-known/openid-configuration"
RANDOM_BYTES: Final = 32

_Answer = TypeVar("_Answer")


class NoProviderError(Exception):
    """No provider is configured."""

    def __init__(self) -> None:
        super().__init__("there is no provider to sign in with here")


class ProviderError(Exception):
    """The provider could not be reached, or its answer could not be believed."""


class StrangerError(Exception):
    """The provider knows somebody who was not invited here, or has not verified their address."""

    def __init__(self) -> None:
        super().__init__("nobody here has this address: ask an admin to invite you")


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Journey(Redacted):
    """What a browser keeps from its departure to its return."""

    state: str
    nonce: str
    verifier: str
    back: str


class _Endpoints(msgspec.Struct, frozen=True):
    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str


class _Tokens(msgspec.Struct, frozen=True):
    id_token: str


class _Claims(msgspec.Struct, frozen=True):
    iss: str
    aud: str | list[str]
    exp: int
    iat: int
    nonce: str
    email: str
    email_verified: bool = False
    azp: str = ""


async def depart(system: System, redirect_uri: str, back: str) -> tuple[str, Journey]:
    """Return where to send the browser, and what it keeps until it is back.

    Raises:
        NoProviderError: none is configured.
        ProviderError: it cannot be reached.
    """
    client = _client_of(system)
    journey = Journey(
        state=secrets.token_urlsafe(RANDOM_BYTES),
        nonce=secrets.token_urlsafe(RANDOM_BYTES),
        verifier=secrets.token_urlsafe(RANDOM_BYTES),
        back=back,
    )
    async with httpx.AsyncClient(timeout=PATIENCE_S) as http:
        endpoints = await _discover(http, client)
    asked = {
        "response_type": "code",
        "client_id": client.client_id,
        "redirect_uri": redirect_uri,
        "scope": "openid email",
        "state": journey.state,
        "nonce": journey.nonce,
        "code_challenge": _challenge(journey.verifier),
        "code_challenge_method": "S256",
    }
    place = endpoints.authorization_endpoint
    return f"{place}{'&' if urlsplit(place).query else '?'}{urlencode(asked)}", journey


async def come_back(
    system: System, journey: Journey, state: str, code: str, redirect_uri: str, *, now: datetime
) -> str:
    """Return the token of a new session for whom the provider vouches.

    Raises:
        NoProviderError: none is configured.
        ProviderError: it cannot be reached or believed, or this is not the end of this journey.
        StrangerError: whom it vouches for was not invited.
    """
    client = _client_of(system)
    if not compare_digest(state.encode(), journey.state.encode()):
        raise ProviderError("this did not begin in this browser: begin again")
    if not code:
        raise ProviderError("the provider did not sign you in")
    async with httpx.AsyncClient(timeout=PATIENCE_S) as http:
        endpoints = await _discover(http, client)
        given = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "code_verifier": journey.verifier,
        }
        auth = httpx.BasicAuth(client.client_id, client.client_secret)
        tokens = await _ask(http, "POST", endpoints.token_endpoint, _Tokens, data=given, auth=auth)
        keys = await _ask(http, "GET", endpoints.jwks_uri, KeySetSerialization)
    claims = _read_token(tokens.id_token, keys)
    _check_claims(claims, client, journey, now)
    return await _sign_in(system, claims, now)


def _client_of(system: System) -> OidcClient:
    if system.settings.oidc is None:
        raise NoProviderError
    return system.settings.oidc


async def _discover(http: httpx.AsyncClient, client: OidcClient) -> _Endpoints:
    found = await _ask(http, "GET", client.issuer.rstrip("/") + DISCOVERY, _Endpoints)
    if found.issuer != client.issuer:
        raise ProviderError("the provider says that it is another")
    return found


async def _ask(
    http: httpx.AsyncClient,
    method: str,
    url: str,
    wanted: type[_Answer],
    *,
    data: dict[str, str] | None = None,
    auth: httpx.BasicAuth | None = None,
) -> _Answer:
    """Return what the provider answers; what it was asked is in no message."""
    try:
        answer = await http.request(method, url, data=data, auth=auth)
        answer.raise_for_status()
        return msgspec.json.decode(answer.content, type=wanted)
    except (httpx.HTTPError, httpx.InvalidURL, msgspec.MsgspecError):
        raise ProviderError("the provider cannot be reached, or refused") from None


def _read_token(id_token: str, keys: KeySetSerialization) -> _Claims:
    try:
        token = jwt.decode(id_token, KeySet.import_key_set(keys), algorithms=ALGORITHMS)
        return msgspec.convert(token.claims, _Claims)
    except (JoseError, ValueError, KeyError, TypeError):
        raise ProviderError("the provider's answer cannot be believed") from None


def _check_claims(claims: _Claims, client: OidcClient, journey: Journey, now: datetime) -> None:
    audience = [claims.aud] if isinstance(claims.aud, str) else claims.aud
    moment = now.timestamp()
    is_right = (
        claims.iss == client.issuer
        and client.client_id in audience
        and (len(audience) == 1 or claims.azp == client.client_id)
        and moment < claims.exp + CLOCKS_APART_S
        and claims.iat < moment + CLOCKS_APART_S
        and compare_digest(claims.nonce.encode(), journey.nonce.encode())
    )
    if not is_right:
        raise ProviderError("the provider's answer is not for us, or not for now")


async def _sign_in(system: System, claims: _Claims, now: datetime) -> str:
    if not claims.email_verified:
        raise StrangerError
    try:
        user_name = user_name_of(claims.email)
    except InvalidPersonError:
        raise StrangerError from None
    async with system.db.transaction(Role.CONSOLE) as conn:
        person = await people.find_person(conn, user_name)
        if person is None:
            raise StrangerError
        return await begin_session(conn, person.principal_id, now)


def _challenge(verifier: str) -> str:
    digest = sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")
