"""The document of the API, and a page to read it and try it on, with nothing from elsewhere."""

import asyncio
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from litestar import Request, Response, get
from litestar.params import FromPath

from underseal.web.problems import NoSuchPlaceError

POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
"""Scripts, styles and what is asked come from here alone."""

PAGE: Final = """\
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Underseal API</title>
<link rel="stylesheet" href="/docs/swagger-ui.css">
<link rel="icon" href="/docs/favicon-32x32.png">
<div id="api"></div>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</html>
"""

START: Final = """\
SwaggerUIBundle({
  url: "/schema/openapi.json",
  dom_id: "#api",
  deepLinking: true,
  validatorUrl: null,
});
"""

START_NAME: Final = "start.js"
TYPES: Final = {
    START_NAME: "text/javascript",
    "swagger-ui.css": "text/css",
    "swagger-ui-bundle.js": "text/javascript",
    "favicon-32x32.png": "image/png",
}
"""The files that the page needs: our own, and those of the `swagger_ui` package."""


def static_folder() -> Path:
    """Return the folder of the package's files; the package itself is not imported."""
    found = find_spec("swagger_ui")
    assert found is not None, "it is one of our dependencies"
    assert found.submodule_search_locations is not None, "it is a package"
    return Path(found.submodule_search_locations[0]) / "static"


@get("/schema/openapi.json", media_type="application/json")
async def schema(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Return the document of the API (OpenAPI 3.1)."""
    return Response(request.app.state.document, media_type="application/json")


@get("/docs")
async def page() -> Response[bytes]:
    """Return the page."""
    return _file(PAGE.encode(), "text/html")


@get("/docs/{name:str}")
async def file(name: FromPath[str]) -> Response[bytes]:
    """Return a file that the page is made of."""
    if name == START_NAME:
        return _file(START.encode(), TYPES[name])
    if name not in TYPES:
        raise NoSuchPlaceError("there is nothing at this address")
    content = await asyncio.to_thread((static_folder() / name).read_bytes)
    return _file(content, TYPES[name])


def _file(content: bytes, media_type: str) -> Response[bytes]:
    headers = {"cache-control": "max-age=3600", "content-security-policy": POLICY}
    return Response(content, media_type=media_type, headers=headers)


handlers = (schema, page, file)
