"""Loop is a customer: of Underseal it knows the SDK, and its pages know Underseal's address."""

import ast
import sys
from pathlib import Path

FOLDER = Path(__file__).parents[2] / "examples/loop/loop"
SOURCES = sorted(FOLDER.rglob("*.py"))
PARTS = {"cryptography", "httpx", "jinja2", "litestar", "msgspec", "uvicorn"}


def imported(path):
    for node in ast.walk(ast.parse(path.read_text())):
        match node:
            case ast.Import():
                yield from (each.name for each in node.names)
            case ast.ImportFrom():
                yield node.module


def test_loop_imports_the_sdk_of_underseal_and_the_laboratory_only_where_it_seeds():
    for path in SOURCES:
        for name in imported(path):
            top, *rest = name.split(".")
            if top == "underseal":
                is_seeding = path.name == "seeding.py" and name == "underseal.lab.videos"
                assert rest[:1] == ["client"] or is_seeding, f"{path.name} imports {name}"
            else:
                assert top in {"loop", *PARTS} or top in sys.stdlib_module_names, name


def test_the_pages_are_made_of_plain_files_that_the_policy_allows():
    for path in FOLDER.rglob("*.html"):
        text = path.read_text()
        for forbidden in ("style=", "<style", "javascript:", " onclick", " onload", "| safe"):
            assert forbidden not in text, f"{path.name}: {forbidden}"
        assert "<script>" not in text, path.name


def test_no_file_is_too_long_to_be_read():
    for path in FOLDER.rglob("*"):
        if path.suffix in {".py", ".js", ".html", ".css"}:
            assert len(path.read_text().splitlines()) <= 400, path.name
