"""The demo's agents and how they log in: printed by `flask demo`, buttons on its login page."""

from dataclasses import dataclass

from crm.models import Role

PASSWORD = "demo-desk-1"  # noqa: S105 - the demo's, told to everybody who starts it


@dataclass(frozen=True)
class DemoLogin:
    """An invented person who works with the demo. `about` stands under the name."""

    email: str
    name: str
    tenant: str
    about: str
    role: Role = Role.AGENT
    password: str = PASSWORD


LOGINS = (
    DemoLogin("ayse@demo.example", "Ayşe Demir", "demo", "Agent, tenant demo"),
    DemoLogin("mehmet@demo.example", "Mehmet Kaya", "demo", "Agent, tenant demo"),
    DemoLogin("deniz@demo.example", "Deniz Arslan", "demo", "Admin, tenant demo", Role.ADMIN),
    DemoLogin("jonas@second.example", "Jonas Weber", "second", "Agent, tenant second"),
)
