from datetime import date
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from underseal.seal.keys import KeyRing, add_year, create


@pytest.fixture(scope="session")
def today() -> date:
    return date(2026, 11, 22)


@pytest.fixture(scope="session")
def private_key_and_keys(
    tmp_path_factory: pytest.TempPathFactory, today: date
) -> tuple[X25519PrivateKey, KeyRing]:
    """A ring with the years 2024 to 2027, so that 2026 has two before it and one to come."""
    folder = tmp_path_factory.mktemp("seal") / "keys"
    private_key = create(folder, today)
    for year in (2024, 2025, 2027):
        add_year(folder, year)
    return private_key, KeyRing.load(folder, today)


@pytest.fixture(scope="session")
def private_key(private_key_and_keys: tuple[X25519PrivateKey, KeyRing]) -> X25519PrivateKey:
    return private_key_and_keys[0]


@pytest.fixture(scope="session")
def keys(private_key_and_keys: tuple[X25519PrivateKey, KeyRing]) -> KeyRing:
    return private_key_and_keys[1]


@pytest.fixture
def folder(tmp_path: Path, today: date) -> Path:
    """A complete key folder of the test's own."""
    path = tmp_path / "keys"
    create(path, today)
    return path
