"""A vendor that does as it is told, a client that talks to it, and the examples of its answers."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from crm.callcenterstudio import Client
from tests.unit.callcenterstudio.vendor import Vendor

WIRE = Path(__file__).parents[2] / "wire"
APP_TOKEN = "ag9zSECRETAPPTOKENinvented0001"
SESSION = "ag9zSECRETSESSIONinvented0002"


@pytest.fixture
def vendor() -> Iterator[Vendor]:
    server = Vendor()
    yield server
    server.close()


@pytest.fixture
def pauses() -> list[float]:
    """How long the client slept, in seconds, had it really done so."""
    return []


@pytest.fixture
def client(vendor: Vendor, pauses: list[float]) -> Client:
    return Client(
        api_url=vendor.url,
        app_token=APP_TOKEN,
        connect_timeout=20,
        read_timeout=20,
        total_timeout=40,
        sleep=pauses.append,
    )


@pytest.fixture
def wire() -> Callable[[str], Any]:
    """Reads an example: `wire("cdr_record.json")`."""
    return lambda name: json.loads((WIRE / name).read_text(encoding="utf-8"))
