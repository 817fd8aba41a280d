"""What the demo asks of its simulator, over the console's API: at the start, on reset, in the tour.

Every function raises OSError when the simulator does not answer, or refuses.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import requests

from crm.cli.demo.company_days import calls_between
from crm.cli.demo.past_calls import SPAN
from crm.models import utc_now
from crm.settings import Settings
from crm.simulator.seed import TENANTS

TIMEOUT = 5  # seconds


def ask(settings: Settings, path: str, wish: Mapping[str, Any] | None = None) -> Any:
    """What the console's API answers; without a wish it is only read."""
    url = f"http://127.0.0.1:{settings.simulator_port}/console/api/{path}"
    with requests.Session() as session:
        session.trust_env = False  # it is on this machine, whatever proxy there is
        method = "GET" if wish is None else "POST"
        answer = session.request(method, url, json=wish, timeout=TIMEOUT)
    answer.raise_for_status()
    return answer.json() if answer.content else None


def tell_past(settings: Settings, *, now: datetime | None = None) -> None:
    """Tell it the company's calls, so that their recordings play; they come back at its resets."""
    now = now or utc_now()
    for tenant in TENANTS:
        past = calls_between(tenant.name, now - SPAN * 1.5, now)
        told = [one.told.as_json() for one in past]
        ask(settings, "past-calls", {"tenant": tenant.name, "calls": told})


def connect_ivr(settings: Settings, addresses: Mapping[str, str | None]) -> None:
    """Have it notify the CRM of each inbound call that ends.

    A customer does this by hand: paste the address of the tenant's notifications page into a step
    of the IVR. addresses: by tenant's name.
    """
    for name, url in addresses.items():
        ask(settings, "notification-steps", {"tenant": name, "url": url})
