"""Pages: templates with data, and what every page forbids the browser."""

from collections.abc import Mapping
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from litestar import Response

from underseal.web import static

POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "media-src 'self' blob:; font-src 'self'; connect-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
"""Everything comes from here, nothing is written into a page, nobody frames one."""

HEADERS: Final[Mapping[str, str]] = {
    "cache-control": "no-store",
    "content-security-policy": POLICY,
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=(), browsing-topics=()",
}

_TEMPLATES: Final = Environment(
    loader=PackageLoader("underseal.web", "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_TEMPLATES.globals["static"] = static.address


def render(template: str, **context: object) -> str:
    """Fill a template of `web/templates` in; what it does not know is an error."""
    return _TEMPLATES.get_template(template).render(**context)


def page(
    template: str, *, status: int = 200, headers: Mapping[str, str] | None = None, **context: object
) -> Response[str]:
    """Return a page, or a piece of one that htmx puts in its place."""
    return Response(
        render(template, **context),
        status_code=status,
        media_type="text/html",
        headers={**HEADERS, **(headers or {})},
    )
