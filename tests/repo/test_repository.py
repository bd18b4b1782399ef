"""The repository examines itself."""

import ast
import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src" / "underseal"
MODULES = sorted(PACKAGE.rglob("*.py"))
FILE_LINES_MAX = 400
FUNCTION_LINES_MAX = 50
NO_NAMES = {"utils", "helpers", "common", "manager", "service", "services", "util", "misc"}


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize(
    "path",
    [*MODULES, *sorted((ROOT / "tests").rglob("*.py")), *sorted((ROOT / "scripts").glob("*"))],
    ids=name,
)
def test_no_file_is_longer_than_400_lines(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= FILE_LINES_MAX


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_no_function_is_longer_than_50_lines(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            documented = ast.get_docstring(node, clean=False)
            length = (node.end_lineno or 0) - node.lineno + 1
            length -= len(documented.splitlines()) if documented else 0
            assert length <= FUNCTION_LINES_MAX, f"{node.name} has {length} lines"


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_every_module_says_what_it_is_for(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text())), f"{name(path)} has no docstring"


def test_no_module_is_named_for_nothing() -> None:
    assert not [name(path) for path in MODULES if path.stem in NO_NAMES]


def test_the_glossary_and_the_core_are_equal() -> None:
    rows = re.findall(
        r"^\| \*\*.+?\*\* \|.*\| (.*) \|$", (ROOT / "docs/GLOSSARY.md").read_text(), re.MULTILINE
    )
    in_glossary = {cell.strip("`") for cell in rows if cell.strip()}
    in_core = {path.stem for path in (PACKAGE / "core").glob("*.py")} - {"__init__"}
    assert in_glossary == in_core


def test_the_glossary_is_in_order_and_names_each_term_once() -> None:
    terms = re.findall(r"^\| \*\*(.+?)\*\*", (ROOT / "docs/GLOSSARY.md").read_text(), re.MULTILINE)
    assert terms == sorted(set(terms), key=str.casefold)


def test_decisions_are_numbered_without_gaps() -> None:
    numbers = sorted(int(path.name[:4]) for path in (ROOT / "docs/decisions").glob("*.md"))
    assert numbers == list(range(1, len(numbers) + 1))


def test_tests_that_documents_name_exist() -> None:
    for document in [*(ROOT / "docs").rglob("*.md"), ROOT / "README.md"]:
        for path in re.findall(r"`(tests/[\w/]+(?:\.py)?/?)`", document.read_text()):
            assert (ROOT / path).exists(), f"{document.name} names {path}"


def test_single_tests_that_documents_name_exist() -> None:
    for document in [*(ROOT / "docs").rglob("*.md"), ROOT / "README.md"]:
        for path, test in re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", document.read_text()):
            text = (ROOT / path).read_text()
            assert f"def {test}(" in text, f"{document.name} names {test} of {path}"


def test_every_attack_of_the_threat_model_names_the_test_that_holds_its_defence() -> None:
    text = (ROOT / "docs/THREAT_MODEL.md").read_text()
    attacks = text.partition("## Attacks")[2].partition("\n## ")[0]
    rows = [line.split(" | ") for line in attacks.splitlines() if line.startswith("| ")]
    named = [row for row in rows if row[0] != "| attack"]
    assert len(named) > 20
    for row in named:
        assert len(row) == 3, row
        assert re.search(r"`tests/[\w/]+\.py(::\w+)?`", row[2]), f"{row[0]} names no test"


def test_links_between_documents_lead_somewhere() -> None:
    for document in [*(ROOT / "docs").rglob("*.md"), ROOT / "README.md"]:
        for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", document.read_text()):
            assert (document.parent / target).exists(), f"{document.name} links {target}"


def test_the_architecture_fits_on_200_lines() -> None:
    assert len((ROOT / "docs/ARCHITECTURE.md").read_text().splitlines()) <= 200


def test_locks_hold_hashes_and_no_addresses() -> None:
    for lock in (ROOT / "requirements.lock", ROOT / "requirements-uv.lock"):
        text = lock.read_text()
        assert "://" not in text
        packages = re.findall(r"^[a-z0-9].*==", text, re.MULTILINE)
        assert len(packages) == len(re.findall(r"== *.*\\\n +--hash=sha256:", text))


def test_every_command_of_the_makefile_is_one_that_the_readme_may_name() -> None:
    targets = set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for command in re.findall(r"`make (\w+)`", (ROOT / "README.md").read_text()):
        assert command in targets


def test_the_changelog_names_the_version() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert f"## {version}" in (ROOT / "CHANGELOG.md").read_text()
