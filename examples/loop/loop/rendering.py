"""Pages: templates with data, and what every page forbids the browser."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from litestar import Response
from litestar.response import Redirect

from loop.audience import View
from loop.people import Visitor
from loop.site import Site

TEMPLATES: Final = Environment(
    loader=PackageLoader("loop", "templates"),
    # Captions, comments and names are other people's: nothing gets into a page unescaped.
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
TEMPLATES.globals["View"] = View


def policy(site: Site) -> str:
    """Return the Content-Security-Policy: our own files, and Underseal's component and API.

    Whoever embeds `<underseal-report>` needs Underseal's origin in `script-src`, to load it, and
    in `connect-src`, for it files the report itself.
    """
    underseal = site.settings.underseal_url
    return (
        f"default-src 'none'; script-src 'self' {underseal}; style-src 'self' {underseal}; "
        f"connect-src 'self' {underseal}; img-src 'self'; media-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )


def page(
    site: Site, visitor: Visitor, template: str, *, status: int = 200, **context: object
) -> Response[str]:
    """Return a page. What is seen depends on who asks, so nothing may keep it."""
    text = TEMPLATES.get_template(template).render(
        visitor=visitor,
        underseal_url=site.settings.underseal_url,
        unread=_unread(site, visitor),
        **context,
    )
    return Response(
        text,
        status_code=status,
        media_type="text/html",
        headers={
            "cache-control": "no-store",
            "content-security-policy": policy(site),
            "cross-origin-opener-policy": "same-origin",
            "permissions-policy": "camera=(), microphone=(), geolocation=()",
            "referrer-policy": "same-origin",
            "x-content-type-options": "nosniff",
        },
    )


def see_other(path: str, headers: Mapping[str, str] | None = None) -> Redirect:
    """Return a redirect to a page after a form."""
    return Redirect(path, status_code=303, headers=dict(headers or {}))


def here(given: str) -> str:
    """Return a path of this site that was named in a form, or the front page: never elsewhere."""
    is_ours = given.startswith("/") and not given.startswith(("//", "/\\")) and given.isprintable()
    return given if is_ours else "/"


def _unread(site: Site, visitor: Visitor) -> int:
    if visitor.person is None:
        return 0
    counted: int = site.db.execute(
        "select count(distinct statement_id) from notices where person_id = ? and not is_read",
        [visitor.person.id],
    ).fetchone()[0]
    return counted


def _day(at: datetime | Any) -> str:
    """Write a day as people read it: 3 May 2026."""
    return f"{at.day} {at:%B %Y}"


TEMPLATES.filters["day"] = _day
