"""What do the tests of the measurement server stand on? One that takes tickets and one that is open to all, on loopback."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.collector.speed.serving import Serving, serving


@pytest.fixture(scope="session")
def key() -> Ed25519PrivateKey:
    """The collector's key."""
    return Ed25519PrivateKey.generate()


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory, key: Ed25519PrivateKey) -> Iterator[Serving]:
    """One server with tickets for all tests that do not look at what it keeps."""
    with serving(tmp_path_factory.mktemp("speed"), key, capacity_bit_s=1_000_000_000_000) as up:
        yield up


@pytest.fixture
def speed(tmp_path: Path, key: Ed25519PrivateKey) -> Iterator[Serving]:
    """A server of the test's own with tickets."""
    with serving(tmp_path, key) as up:
        yield up
