"""The invented world of the simulator: two tenants, their agents, their queues, numbers to ring.

`TENANTS` and `PRESETS` are read by the command line (the demo's CRM is set up to match) and by
tests. All people are invented; the numbers lie in ranges that are given to nobody.
"""

from dataclasses import dataclass

from crm.simulator.languages import marked as _


@dataclass(frozen=True)
class Agent:
    """Somebody who takes calls: the address they have at the vendor, and their name."""

    email: str
    name: str


@dataclass(frozen=True)
class Tenant:
    """A customer of the vendor.

    host: full host name. timezone: IANA name; all times on the wire are local to it.
    country_code: digits without plus. line: the tenant's own number, 12 digits without plus.
    """

    name: str
    host: str
    timezone: str
    country_code: str
    line: str
    app_token: str
    queues: tuple[str, ...]
    agents: tuple[Agent, ...]


@dataclass(frozen=True)
class Preset:
    """A caller whom the console rings with one press; `explanation` says what the CRM should do."""

    name: str
    label: str
    number: str
    explanation: str
    masked: bool = False


# Keys of invented tenants: they open nothing but this simulator.
DEMO_KEY = "ahRzfnNpbXVsYXRvci1hcHAtdG9rZW4tZGVtby1pbnZlbnRlZC1rZXktdGhhdC1vcGVucy1ub3RoaW5nLTAwMQ"
SECOND_KEY = (
    "ahRzfnNpbXVsYXRvci1hcHAtdG9rZW4tc2Vjb25kLWludmVudGVkLWtleS10aGF0LW9wZW5zLW5vdGhpbmctMDAy"
)

DEMO = Tenant(
    name="demo",
    host="demo.callcenterstudio.com",
    timezone="Europe/Istanbul",
    country_code="90",
    line="908500000010",
    app_token=DEMO_KEY,
    queues=("Support", "Sales", "Billing"),
    agents=(
        Agent("ayse@demo.example", "Ayşe Demir"),
        Agent("mehmet@demo.example", "Mehmet Kaya"),
        Agent("deniz@demo.example", "Deniz Arslan"),
    ),
)
SECOND = Tenant(
    name="second",
    host="second.callcenterstudio.com",
    timezone="Europe/Berlin",
    country_code="49",
    line="493023125000",
    app_token=SECOND_KEY,
    queues=("Service", "Orders"),
    agents=(Agent("jonas@second.example", "Jonas Weber"),),
)
TENANTS = (DEMO, SECOND)

PRESETS = (
    Preset("known", _("Known"), "+905320000001", _("One contact has this number.")),
    Preset("unknown", _("Unknown"), "+447700900555", _("No contact has this number.")),
    Preset("shared", _("Shared"), "+902120000010", _("Two contacts have this number.")),
    Preset(
        "masked",
        _("Masked"),
        "+905320000001",
        _("The message hides the number; the API tells it."),
        masked=True,
    ),
    Preset(
        "anonymous",
        _("Anonymous"),
        "anonymous",
        _("The caller hides the number everywhere."),
    ),
)
