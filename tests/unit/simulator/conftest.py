"""The simulator under test."""

import pytest

from tests.unit.simulator.world import World


@pytest.fixture
def world() -> World:
    """A simulator at noon in Istanbul, with two tenants and nobody on the phone."""
    return World()
