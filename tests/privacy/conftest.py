"""A past that is set up once for all tests of what pages show."""

import asyncio
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from scenery import Lots, Scenery, furnish


@pytest.fixture(scope="session")
def scenery(server, tmp_path_factory: pytest.TempPathFactory) -> Scenery:
    folder: Path = tmp_path_factory.mktemp("scenery")
    # In a thread, for this one may have an event loop already.
    with ThreadPoolExecutor() as thread:
        return thread.submit(asyncio.run, furnish(server, folder)).result()


@pytest.fixture
def lots(monkeypatch: pytest.MonkeyPatch) -> Lots:
    """What is drawn at random, drawn alike in each world."""
    lots = Lots("the world")
    monkeypatch.setattr(os, "urandom", lots.bytes)
    return lots
