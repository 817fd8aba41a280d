"""The demo's IVR: the simulator notifies the CRM of each inbound call that ends.

Called by `flask demo` once both answer. What a customer does by hand - paste the address of
the tenant's notifications page into a step of the IVR - is done here through the console.
"""

from collections.abc import Mapping

import requests

from crm.settings import Settings

SECONDS = 5


def connect(settings: Settings, secrets: Mapping[str, str]) -> None:
    """Set the step up for each tenant; secrets: tenant's name -> the secret of its webhooks.

    Raises OSError when the simulator does not take it.
    """
    for name, secret in secrets.items():
        _set(settings, {"tenant": name, "url": _address(settings, secret)})


def _address(settings: Settings, secret: str) -> str:
    return f"{settings.public_url}/webhooks/notification/{secret}"


def _set(settings: Settings, step: dict[str, str]) -> None:
    url = f"http://127.0.0.1:{settings.simulator_port}/console/api/notification-steps"
    requests.post(url, json=step, timeout=SECONDS).raise_for_status()
