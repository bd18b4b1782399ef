import re
from pathlib import Path

import pytest
from litestar.routes import HTTPRoute

from underseal.web.api.operation import OPERATION
from underseal.web.app import make_api
from underseal.web.fast_paths import FAST_PATHS
from underseal.web.problems import INTERNAL, KINDS, kind_of_class

GUIDE = Path(__file__).parents[2] / "docs/guides/api.md"


@pytest.fixture
def handlers(system, callers, clock):
    app = make_api(system, callers, clock)
    return [
        handler
        for route in app.routes
        if isinstance(route, HTTPRoute) and route.path.startswith("/v1/")
        for handler in route.route_handlers
        if "OPTIONS" not in handler.http_methods
    ]


@pytest.fixture
async def document(anybody):
    answer = await anybody.get("/schema/openapi.json")
    assert answer.headers["content-type"] == "application/json"
    return answer.json()


def references(node: object) -> set[str]:
    """All that a document refers to."""
    if isinstance(node, dict):
        named = {node["$ref"]} if "$ref" in node else set()
        return named.union(*(references(each) for each in node.values()))
    if isinstance(node, list):
        return set().union(*(references(each) for each in node))
    return set()


async def test_the_page_and_all_it_is_made_of_come_from_here(anybody):
    page = await anybody.get("/docs")
    links = re.findall(r'(?:src|href)="([^"]*)"', page.text)
    assert len(links) == 4
    assert "//" not in page.text.replace("<!doctype html>", "")
    for link in links:
        answer = await anybody.get(link)
        assert answer.status_code == 200, link
        assert answer.headers["content-security-policy"].startswith("default-src 'none'")
        assert answer.headers["content-type"].startswith(
            "text/css" if link.endswith("css") else "image/png" if "png" in link else "text/java"
        )
    assert "script-src 'self';" in page.headers["content-security-policy"]


async def test_no_other_file_can_be_had(anybody):
    for name in ("..%2fcore.py", "%2e%2e/core.py", "core.py", "swagger-editor.js", "%00"):
        assert (await anybody.get(f"/docs/{name}")).status_code == 404


async def test_the_document_refers_to_nothing_that_is_not_there(document):
    assert document["openapi"] == "3.1.0"
    schemas = {f"#/components/schemas/{name}" for name in document["components"]["schemas"]}
    referred = references(document)
    assert referred <= schemas
    assert schemas - referred == {"#/components/schemas/TicketReportBody"}


async def test_every_route_is_documented(document, handlers):
    documented = {
        (path, method.upper()) for path, item in document["paths"].items() for method in item
    }
    for handler in handlers:
        (path,) = handler.paths
        for method in handler.http_methods:
            place = (re.sub(r":uuid\}", "}", path), method)
            assert place in documented or method == "HEAD"
    assert {("/v1/reports", "POST"), ("/healthz", "GET")} <= documented


async def test_every_operation_and_schema_says_what_it_is(document):
    names = set()
    for item in document["paths"].values():
        for operation in item.values():
            names.add(operation["operationId"])
            assert operation["summary"].endswith("."), operation["operationId"]
    assert len(names) == sum(len(item) for item in document["paths"].values())
    for name, schema in document["components"]["schemas"].items():
        assert schema.get("description"), name


async def test_every_operation_asks_for_a_key(document):
    for path, item in document["paths"].items():
        for operation in item.values():
            assert bool(operation["security"]) == path.startswith("/v1/"), path
            assert ("401" in operation["responses"]) == path.startswith("/v1/"), path


async def test_objects_that_are_sent_have_no_other_fields(document):
    schemas = document["components"]["schemas"]
    bodies = {name for name in schemas if name.endswith("Body")} | {"Subject", "Creator"}
    assert all(schemas[name]["additionalProperties"] is False for name in bodies)


def test_what_an_operation_may_refuse_is_in_the_table(handlers):
    raised = [error for handler in handlers for error in handler.opt[OPERATION].raises]
    raised += [error for path in FAST_PATHS.values() for error in path.raises]
    assert [each for each in raised if kind_of_class(each) is INTERNAL] == []


def test_the_guide_tells_of_every_kind_of_problem():
    told = set(re.findall(r"^\| `([a-z-]+)` \| (\d{3}) \|", GUIDE.read_text(), re.MULTILINE))
    assert told == {(kind.slug, str(kind.status)) for kind in {INTERNAL, *KINDS.values()}}
