"""An OpenID provider on this machine, which believes whatever a test says of who signs in."""

import base64
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, parse_qsl, urlsplit

from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

from underseal.config import OidcClient

SECRET = "what the provider knows us by"


@dataclass
class Provider:
    """The provider; `claims` are what it says beside, or instead of, what is right."""

    issuer: str = ""
    claims: dict[str, object] = field(default_factory=dict)
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "1"}))
    signs_with: RSAKey | OctKey | None = None
    algorithm: str = "RS256"
    says_it_is: str = ""
    asked: dict[str, str] = field(default_factory=dict)
    codes: set[str] = field(default_factory=set)
    now: datetime | None = None

    @property
    def client(self) -> OidcClient:
        return OidcClient(issuer=self.issuer, client_id="underseal", client_secret=SECRET)

    def send_back(self, place: str, now: datetime) -> str:
        """Let somebody sign in at `place`, and return where the provider sends their browser."""
        self.asked, self.now = dict(parse_qsl(urlsplit(place).query)), now
        self.codes.add("the code")
        return f"{self.asked['redirect_uri']}?code=the+code&state={self.asked['state']}"

    def answer(self, method: str, path: str, body: bytes, authorization: str):
        """The status and what is answered."""
        match method, path:
            case "GET", "/.well-known/openid-configuration":
                return 200, {
                    "issuer": self.says_it_is or self.issuer,
                    "authorization_endpoint": f"{self.issuer}/authorize",
                    "token_endpoint": f"{self.issuer}/token",
                    "jwks_uri": f"{self.issuer}/keys",
                }
            case "GET", "/keys":
                return 200, {"keys": [self.key.as_dict(private=False, use="sig", alg="RS256")]}
            case "POST", "/token":
                return self.token(parse_qs(body.decode()), authorization)
        return 404, {}

    def token(self, given: dict[str, list[str]], authorization: str):
        expected = base64.b64encode(f"underseal:{SECRET}".encode()).decode()
        verifier = sha256(given["code_verifier"][0].encode()).digest()
        challenge = base64.urlsafe_b64encode(verifier).decode().rstrip("=")
        is_right = (
            authorization == f"Basic {expected}"
            and given["grant_type"] == ["authorization_code"]
            and given["redirect_uri"] == [self.asked["redirect_uri"]]
            and challenge == self.asked["code_challenge"]
            and given["code"][0] in self.codes
        )
        if not is_right:
            return 400, {"error": "invalid_grant"}
        self.codes.remove(given["code"][0])
        moment = int(self.now.timestamp())
        claims = {
            "iss": self.issuer,
            "sub": "4711",
            "aud": "underseal",
            "iat": moment,
            "exp": moment + 300,
            "nonce": self.asked["nonce"],
            "email": "nia@loop.example",
            "email_verified": True,
            **self.claims,
        }
        header = {"alg": self.algorithm, "kid": "1"}
        signed = jwt.encode(
            header, claims, self.signs_with or self.key, algorithms=[self.algorithm]
        )
        return 200, {"access_token": "x", "token_type": "Bearer", "id_token": signed}


@contextmanager
def running_provider() -> Iterator[Provider]:
    provider = Provider()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            authorization = self.headers.get("authorization", "")
            status, told = provider.answer(self.command, self.path, body, authorization)
            self.send_response(status)
            self.end_headers()
            self.wfile.write(json.dumps(told).encode())

        def do_POST(self) -> None:
            self.do_GET()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        provider.issuer = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield provider
        finally:
            server.shutdown()
            thread.join()
