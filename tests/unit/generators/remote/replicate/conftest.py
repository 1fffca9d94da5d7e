"""A simulated Replicate, and a generator that knows it."""

from collections.abc import Iterator

import pytest

from services.generator.generators.replicate import ReplicateGenerator
from tests.simulators import ReplicateSimulator
from tests.unit.generators.remote.kit import configured
from tests.unit.generators.remote.replicate.ordering import a_backend


@pytest.fixture
def provider() -> Iterator[ReplicateSimulator]:
    with ReplicateSimulator() as provider:
        yield provider


@pytest.fixture
def generator(provider: ReplicateSimulator, monkeypatch: pytest.MonkeyPatch) -> ReplicateGenerator:
    return configured(monkeypatch, ReplicateGenerator, a_backend(provider))
