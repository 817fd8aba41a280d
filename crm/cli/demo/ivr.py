"""The demo's IVR: the simulator notifies the CRM of each inbound call that ends.

Called by `flask demo` once both answer. What a customer does by hand - paste the address of
the tenant's notifications page into a step of the IVR - is done here through the console.
"""

import requests

from crm import tenants
from crm.settings import Settings

SECONDS = 5


def connect(settings: Settings) -> None:
    """Set the step up for each tenant. Raises OSError when the simulator does not take it."""
    from crm import create_app  # it imports the commands, and so this module

    app = create_app(settings)
    with app.app_context():
        secrets = {tenant.name: tenant.hook_secret for tenant in tenants.all_tenants()}
    for name, secret in secrets.items():
        _set(settings, {"tenant": name, "url": _address(settings, secret)})


def _address(settings: Settings, secret: str) -> str:
    return f"{settings.public_url}/webhooks/notification/{secret}"


def _set(settings: Settings, step: dict[str, str]) -> None:
    url = f"http://127.0.0.1:{settings.simulator_port}/console/api/notification-steps"
    requests.post(url, json=step, timeout=SECONDS).raise_for_status()
