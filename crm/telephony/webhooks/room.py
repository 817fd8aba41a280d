"""Whether there is room for one more request of a tenant: what waits for the worker is bounded.

Looked at every two seconds in each process, so a flood costs a look now and then and not one each.
"""

import time

from flask import current_app

from crm.models import fullness

SECONDS_BETWEEN = 2.0
KEPT_AT = "webhooks' room"


def is_full(tenant_id: int) -> bool:
    """Whether nothing more is taken of this tenant at the moment."""
    looks: dict[int, tuple[float, bool]] = current_app.extensions.setdefault(KEPT_AT, {})
    looked_at, full = looks.get(tenant_id, (0.0, False))
    now = time.monotonic()
    if now - looked_at > SECONDS_BETWEEN:
        full = fullness.is_unread_full(tenant_id)
        looks[tenant_id] = (now, full)
    return full
