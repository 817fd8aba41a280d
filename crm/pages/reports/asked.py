"""What a report's address asks for: whose calls, of which days. A wrong date is kept as typed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

from flask_babel import LazyString, lazy_gettext
from flask_babel import gettext as _
from sqlalchemy import select
from werkzeug.exceptions import NotFound

from crm.calls import periods
from crm.calls.periods import Period
from crm.extensions import db
from crm.models import Tenant
from crm.web.current_agent import CurrentAgent
from crm.web.incoming import row_id

YEARS = range(2000, 2100)


@dataclass(frozen=True)
class QuickChoice:
    """A period that one click chooses."""

    text: LazyString
    period: Period


@dataclass
class Asked:
    """What was asked for; `period` is None when `problems` (by field) say why it cannot be read.

    tenant: the only one, None when there are several. first, last: as typed.
    """

    tenants: list[Tenant]
    tenant: Tenant | None
    today: date
    first: str = ""
    last: str = ""
    problems: dict[str, str] = field(default_factory=dict)
    period: Period | None = None

    def address_of(self, period: Period) -> dict[str, str]:
        """The parameters that ask for these tenants and another period."""
        whose = {"tenant": str(self.tenant.id)} if self.tenant else {}
        return {"from": period.first.isoformat(), "to": period.last.isoformat(), **whose}

    def quick_choices(self) -> list[QuickChoice]:
        """The periods that are asked for most."""
        return [
            QuickChoice(lazy_gettext("This week"), periods.this_week(self.today)),
            QuickChoice(lazy_gettext("Last week"), periods.last_week(self.today)),
            QuickChoice(lazy_gettext("This month"), periods.this_month(self.today)),
            QuickChoice(lazy_gettext("Last 30 days"), periods.last_30_days(self.today)),
        ]


def read(parameters: Mapping[str, str], agent: CurrentAgent, *, now: datetime) -> Asked:
    """Read `from`, `to` and `tenant`; without dates the last 30 days. 404 for an unknown tenant.

    Agents get their own tenant whatever they ask for, admins one or all. Today is that of the
    tenant's zone, or with several of the reader's own.
    """
    tenants = _tenants(parameters.get("tenant", ""), agent)
    tenant = tenants[0] if len(tenants) == 1 else None
    zone = ZoneInfo(tenant.timezone if tenant else agent.timezone)
    asked = Asked(tenants, tenant, now.astimezone(zone).date())
    asked.first = parameters.get("from", "").strip()
    asked.last = parameters.get("to", "").strip()
    if asked.first or asked.last:
        asked.period = _period(asked)
    else:
        asked.period = periods.last_30_days(asked.today)
        asked.first, asked.last = asked.period.first.isoformat(), asked.period.last.isoformat()
    return asked


def _tenants(wish: str, agent: CurrentAgent) -> list[Tenant]:
    statement = select(Tenant).order_by(Tenant.name)
    if not agent.is_admin:
        statement = statement.where(Tenant.id == agent.tenant_id)
    elif wish:
        statement = statement.where(Tenant.id == _id(wish))
    found = list(db.session.scalars(statement))
    if not found:
        raise NotFound
    return found


def _id(text: str) -> int:
    try:
        return row_id(text)
    except ValueError:
        return 0


def _period(asked: Asked) -> Period | None:
    first, last = _day(asked, "from", asked.first), _day(asked, "to", asked.last)
    if first is None or last is None:
        return None
    period = Period(first, last)
    if last < first:
        asked.problems["to"] = _("The last day lies before the first.")
    elif period.length > periods.MOST_DAYS:
        asked.problems["to"] = _("A report covers two years at most.")
    return None if asked.problems else period


def _day(asked: Asked, name: str, text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = None
    if day is None or day.year not in YEARS:
        asked.problems[name] = (
            _('"%(text)s" is not a day.', text=text) if text else _("Enter a day.")
        )
        return None
    return day
