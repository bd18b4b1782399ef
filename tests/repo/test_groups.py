"""Tests of a group run in one worker, so that what they share is made once."""

import os

import pytest


@pytest.mark.xdist_group("kept together")
@pytest.mark.parametrize("number", range(6))
def test_a_group_is_kept_together(number, tmp_path_factory):
    worker, folder = os.getenv("PYTEST_XDIST_WORKER"), tmp_path_factory.getbasetemp()
    seen = (folder.parent if worker else folder) / "workers"
    with seen.open("a") as file:
        file.write(f"{worker}\n")
    assert set(seen.read_text().split()) == {str(worker)}
