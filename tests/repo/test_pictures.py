"""Every page has its picture, so that whoever changes one sees what becomes of it."""

import importlib
import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from underseal.web.site import PAGES

ROOT = Path(__file__).parents[2]
LOOKS = ("desk", "phone")


def load(path: Path, name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def listed() -> ModuleType:
    load(ROOT / "scripts/picture_steps.py", "picture_steps")
    return load(ROOT / "scripts/picture_list.py", "picture_list")


def gets(modules) -> set[str]:
    return {
        path
        for module in modules
        for handler in module.handlers
        if "GET" in handler.http_methods
        for path in handler.paths
    }


@pytest.fixture(scope="module")
def of_loop() -> Iterator[set[str]]:
    with pytest.MonkeyPatch.context() as patched:
        patched.syspath_prepend(ROOT / "examples/loop")
        yield gets(importlib.import_module("loop.pages").MODULES)


def test_every_page_has_its_picture_or_a_reason(listed):
    pictured = {each.route for each in (*listed.CONSOLE, *listed.PUBLIC)}
    assert gets(PAGES) - pictured <= set(listed.UNPICTURED)


def test_every_page_of_the_example_site_has_its_picture_or_a_reason(listed, of_loop):
    assert of_loop - {each.route for each in listed.LOOP} <= set(listed.UNPICTURED)


def test_no_reason_outlives_its_page(listed, of_loop):
    assert set(listed.UNPICTURED) <= gets(PAGES) | of_loop


def test_no_picture_outlives_its_page(listed, of_loop):
    answered = gets(PAGES) | of_loop | {""}
    posted = {"/console/people/invite"}
    for each in (*listed.CONSOLE, *listed.PUBLIC, *listed.LOOP):
        assert each.route in answered | posted, each.name


def test_the_pictures_are_those_of_the_list(listed):
    names = [each.name for each in (*listed.CONSOLE, *listed.PUBLIC, *listed.LOOP)]
    assert len(set(names)) == len(names)
    wanted = {f"{name}-{look}.png" for name in names for look in LOOKS}
    assert {path.name for path in (ROOT / "docs/pictures").iterdir()} == wanted
