"""What holds for every place of the example site, asked of its routes."""

import re
from urllib.parse import urljoin, urlsplit

from hypothesis import given
from hypothesis import strategies as st

from loop.gate import FOR_MACHINES
from loop.pages import MODULES
from loop.rendering import here

POSTS = [
    path
    for module in MODULES
    for handler in module.handlers
    if "POST" in handler.http_methods and not handler.opt.get(FOR_MACHINES)
    for path in handler.paths
]
FOREIGN = ({"sec-fetch-site": "cross-site"}, {"sec-fetch-site": ""}, {"origin": "null"}, {})
PIECES = st.sampled_from(
    [
        "/", "//", "\\", "/\\", "..", "@", ":", "?", "%2f%2f", "%5c", "\t", "\n", "\r", "\0", " ",
        "https:", "javascript:", "evil.example", "//evil.example", "\u2028", "\x7f",
    ]
)  # fmt: skip


async def test_no_other_site_sends_any_form_of_loops(loop):
    await loop.video("Ada")
    ben = await loop.visitor("Ben")
    del ben.headers["sec-fetch-site"]
    before = list(loop.site.db.iterdump())
    for path in POSTS:
        some = re.sub(r"\{\w+:uuid\}", "00000000-0000-4000-8000-000000000000", path)
        for headers in FOREIGN:
            answer = await ben.post(re.sub(r"\{.*\}", "x", some), data={}, headers=headers)
            assert answer.status_code == 403, path
            assert "one of Loop&#39;s pages" in answer.text
    assert list(loop.site.db.iterdump()) == before


@given(st.lists(PIECES | st.text(max_size=4), max_size=8).map("".join))
def test_no_address_leads_out_of_loop(asked):
    place = here(asked)
    led = urlsplit(urljoin("https://loop.example/sign-in", place))
    assert (led.scheme, led.netloc) == ("https", "loop.example")
    assert place in {asked, "/"}
    assert not set(place) & set("\t\r\n\0")
