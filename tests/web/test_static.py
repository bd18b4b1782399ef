from importlib.resources import files

import httpx
import pytest

from underseal.web import static
from underseal.web.static import address


@pytest.fixture
async def visitor(app):
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://underseal"
    ) as visitor:
        yield visitor


async def test_a_file_is_kept_for_ever_under_the_address_of_its_content(visitor):
    answer = await visitor.get(address("report.js"))
    assert answer.headers["content-type"].startswith("text/javascript")
    assert "immutable" in answer.headers["cache-control"]


@pytest.mark.parametrize(("accepted", "encoding"), [("gzip, br", "gzip"), ("identity", None)])
async def test_a_file_is_sent_packed_to_who_can_unpack_it(visitor, accepted, encoding):
    answer = await visitor.get(address("console.js"), headers={"accept-encoding": accepted})
    assert answer.headers.get("content-encoding") == encoding
    assert answer.headers["vary"] == "accept-encoding"
    assert answer.content == (files("underseal.web") / "static/console.js").read_bytes()
    is_small = int(answer.headers["content-length"]) < len(answer.content) / 2
    assert is_small == (encoding == "gzip")


@pytest.mark.parametrize("query", ["", "?v=", "?v=0000000000000000"])
async def test_what_a_site_embeds_by_name_is_asked_for_again(visitor, query):
    answer = await visitor.get(f"{static.PLACE}/report.js{query}")
    assert answer.status_code == 200
    assert "immutable" not in answer.headers["cache-control"]
    assert answer.headers["access-control-allow-origin"] == "*"


@pytest.mark.parametrize("name", ["nothing.js", "..%2F..%2Fpages.py", "%2Fetc%2Fpasswd"])
async def test_there_is_nothing_but_the_files(visitor, name):
    assert (await visitor.get(f"{static.PLACE}/{name}")).status_code == 404
