"""What browsers get is what `frontend/` says, and no more of it than is allowed."""

import gzip
import json
import subprocess
import sys
from pathlib import Path

import pytest

FRONTEND = Path(__file__).parents[2] / "frontend"
BUILT = FRONTEND.parent / "src/underseal/web/static"
NODE = Path(sys.executable).with_name("node")
GZIP_BYTES_MAX = {
    "console.js": 150_000,
    "console.css": 20_000,
    "public.js": 10_000,
    "public.css": 20_000,
    "report.js": 30_000,
}


def node(*arguments: str | Path) -> None:
    done = subprocess.run(
        [NODE, *arguments], cwd=FRONTEND, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.slow
def test_the_package_holds_what_is_built_from_the_sources(tmp_path: Path) -> None:
    node("build.mjs", tmp_path)
    built = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert built.keys() == GZIP_BYTES_MAX.keys()
    stale = [name for name in built if (BUILT / name).read_bytes() != built[name]]
    assert not stale, "run .venv/bin/node frontend/build.mjs"


@pytest.mark.slow
def test_the_scripts_keep_their_types() -> None:
    node("node_modules/typescript/bin/tsc")


@pytest.mark.parametrize("name", GZIP_BYTES_MAX)
def test_what_a_browser_gets_is_small(name: str) -> None:
    assert 0 < len(gzip.compress((BUILT / name).read_bytes())) <= GZIP_BYTES_MAX[name]


def test_nothing_that_a_browser_gets_asks_for_anything_elsewhere() -> None:
    for name in GZIP_BYTES_MAX:
        text = (BUILT / name).read_text()
        assert "//# sourceMappingURL" not in text
        assert "@import" not in text
        assert "url(http" not in text


def test_packages_are_pinned_by_hash_and_not_by_address() -> None:
    lock = json.loads((FRONTEND / "package-lock.json").read_text())
    packages = {name: each for name, each in lock["packages"].items() if name}
    assert not [name for name, each in packages.items() if "resolved" in each]
    assert not [name for name, each in packages.items() if "integrity" not in each]
    wanted = json.loads((FRONTEND / "package.json").read_text())
    for name, version in (wanted["dependencies"] | wanted["devDependencies"]).items():
        assert packages[f"node_modules/{name}"]["version"] == version
