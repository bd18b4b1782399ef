"""Every plot is shown by a guide, and drawn by the script; what pictures show is also said."""

import re
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]
PLOTS = ROOT / "docs/plots"
DOCUMENTS = [*(ROOT / "docs").rglob("*.md"), ROOT / "README.md"]
IMAGE = re.compile(r"!\[([^\]]*)\]\(([^)]+)\)")
BYTES_MAX = 150_000


@pytest.fixture(scope="module")
def script() -> ModuleType:
    loader = SourceFileLoader("plots", str(ROOT / "scripts/plots"))
    module = module_from_spec(spec_from_loader(loader.name, loader))
    with pytest.MonkeyPatch.context() as patched:
        patched.syspath_prepend(ROOT / "scripts")
        loader.exec_module(module)
    return module


def shown() -> dict[Path, str]:
    """What each picture that a document shows is said to be."""
    return {
        (document.parent / target).resolve(): said
        for document in DOCUMENTS
        for said, target in IMAGE.findall(document.read_text())
    }


def test_every_plot_is_shown_by_a_guide() -> None:
    assert set(PLOTS.iterdir()) <= shown().keys()


def test_every_plot_is_one_that_the_script_draws_anew(script) -> None:
    assert {path.stem for path in PLOTS.iterdir()} == script.PLOTS.keys()


def test_what_a_picture_shows_is_said_to_those_who_do_not_see_it() -> None:
    for path, said in shown().items():
        assert path.exists(), path
        assert len(said.split()) >= 2, f"{path.name} is not described"


@pytest.mark.parametrize("path", sorted(PLOTS.iterdir()), ids=lambda path: path.stem)
def test_a_plot_is_small_and_bears_no_date(path) -> None:
    text = path.read_text()
    assert len(text) <= BYTES_MAX
    assert "<dc:date>" not in text
