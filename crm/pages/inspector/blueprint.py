"""The blueprint of the inspector, and the filter that its address holds."""

from dataclasses import dataclass

from flask import Blueprint, request
from werkzeug.exceptions import NotFound

from crm import tenants
from crm.models import Tenant
from crm.web import current_agent
from crm.web.incoming import row_id

blueprint = Blueprint("inspector", __name__, url_prefix="/settings/inspector")

LONGEST_KEY = 255


@dataclass(frozen=True)
class Asked:
    """What the address asks for; "" and None are no condition."""

    tenant: Tenant
    choices: list[Tenant]
    call: str = ""  # an id, or one of the keys, of one call
    agent_id: int | None = None
    name: str = ""  # of a function, a message or a webhook
    failures: bool = False

    @property
    def fields(self) -> dict[str, str]:
        """The parameters that ask for the same."""
        given = {
            "tenant": str(self.tenant.id),
            "call": self.call,
            "agent": str(self.agent_id or ""),
            "function": self.name,
            "failures": "1" if self.failures else "",
        }
        return {name: value for name, value in given.items() if value}


def read(tenant_id: int | None = None) -> Asked:
    """Read the address; without a tenant it is the admin's own. 404 for an unknown one."""
    choices = tenants.all_tenants()
    own = current_agent.get().tenant_id
    wanted = request.values.get("tenant", own, type=row_id) if tenant_id is None else tenant_id
    tenant = next((one for one in choices if one.id == wanted), None)
    if tenant is None:
        raise NotFound
    return Asked(
        tenant=tenant,
        choices=choices,
        call=request.values.get("call", "").strip()[:LONGEST_KEY],
        agent_id=request.values.get("agent", type=row_id),
        name=request.values.get("function", "")[:LONGEST_KEY],
        failures=request.values.get("failures") == "1",
    )
