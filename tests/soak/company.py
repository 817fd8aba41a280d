"""Who works on the simulated day: two tenants, their agents, and where each agent sits.

The simulator's process and the CRM's installation are both made from it.
"""

from dataclasses import replace

from crm.simulator.seed import DEMO, SECOND, Agent, Tenant

# With letters and spaces that stand in the notifications as they are.
QUEUES = {
    "demo": ("Satış", "Müşteri hizmetleri", "Destek"),
    "second": ("Größen und Maße", "Service"),
}
DESKS = {"demo": 16, "second": 4}  # agents whose browser has the CRM
AWAY = {"demo": 6, "second": 2}  # agents whose softphone is open without the CRM
REGIONS = {"demo": "TR", "second": "DE"}
PASSWORD = "a password for the soak only"


def _people(tenant: str, kind: str, count: int) -> tuple[Agent, ...]:
    return tuple(
        Agent(f"{kind}{number}@{tenant}.example", f"{kind.title()} {number}, {tenant}")
        for number in range(1, count + 1)
    )


def desks(tenant: str) -> tuple[Agent, ...]:
    """The agents of a tenant who have the CRM open."""
    return _people(tenant, "desk", DESKS[tenant])


def partner_of(desk: str) -> str:
    """The address of the colleague to whom a desk hands calls on."""
    return desk.replace("desk", "partner", 1)


def _partners(tenant: str) -> tuple[Agent, ...]:
    return _people(tenant, "partner", DESKS[tenant])


def away(tenant: str) -> tuple[Agent, ...]:
    """The agents of a tenant who take calls without the CRM."""
    return _people(tenant, "away", AWAY[tenant])


def nobody(tenant: str) -> Agent:
    """An agent whose softphone is never open: who wants to speak with them waits in the queue."""
    return Agent(f"nobody@{tenant}.example", "Nobody at the desk")


def admin(tenant: str) -> Agent:
    """Somebody who may import."""
    return Agent(f"admin@{tenant}.example", "Admin of the soak")


def _staffed(tenant: Tenant) -> Tenant:
    name = tenant.name
    people = (*desks(name), *_partners(name), *away(name), nobody(name), admin(name))
    return replace(tenant, agents=people, queues=QUEUES[name])


TENANTS = (_staffed(DEMO), _staffed(SECOND))


def with_desks(count: int) -> tuple[Tenant, ...]:
    """The same two tenants with so many desks, a fifth of them at the second, and nobody else."""
    second = max(1, count // 5)
    return tuple(
        replace(
            tenant,
            agents=(*_people(tenant.name, "desk", desks_of_it), admin(tenant.name)),
            queues=QUEUES[tenant.name],
        )
        for tenant, desks_of_it in ((DEMO, count - second), (SECOND, second))
    )
