"""The simulator whose list the soak reads."""

import pytest

from tests.unit.simulator.world import World


@pytest.fixture
def world() -> World:
    """A simulator at noon in Istanbul, nobody on the phone."""
    return World()
