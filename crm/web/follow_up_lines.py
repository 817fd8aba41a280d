"""Lines of follow-ups, as the reader may see them; templates/follow_ups draws them."""

from datetime import datetime, time
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time
from flask_babel import get_locale, gettext, ngettext

from crm.calls import follow_ups
from crm.models import Call, Contact, FollowUp
from crm.web import current_agent
from crm.web.agent_names import names
from crm.web.call_lines import who
from crm.web.follow_ups import day_and_time

THIS_WEEK = 7  # days


class FollowUpLine:
    """One of the list."""

    def __init__(self, follow_up: FollowUp, *, now: datetime) -> None:
        self.follow_up = follow_up
        self._agent = current_agent.get()
        here = now.astimezone(ZoneInfo(self._agent.timezone))
        self._today, self._minute = here.date(), here.hour * 60 + here.minute

    @property
    def cursor(self) -> str:
        """What the next page begins behind: "2026-11-30,840,17"."""
        return ",".join(str(part) for part in follow_ups.key_of(self.follow_up))

    @property
    def contact(self) -> Contact | None:
        """Whom it is about."""
        follow_up = self.follow_up
        found: Contact | None = follow_up.call.contact if follow_up.call else follow_up.contact
        return found if found is not None and found.deleted_at is None else None

    @property
    def who(self) -> str:
        """The contact, else the caller."""
        if self.contact is not None:
            return str(self.contact.name)
        return who(self.follow_up.call, self._agent) if self.follow_up.call else ""

    @property
    def whose(self) -> str:
        """The agent's name; "" for the reader's own."""
        mine = self.follow_up.agent_id == self._agent.id
        return "" if mine else names().of(self.follow_up.agent_id)

    @property
    def what(self) -> str:
        """In a line: its own words, else the call's note."""
        call: Call | None = self.follow_up.call
        lines = (self.follow_up.what or (call.note if call else "")).split("\n")
        return next((line.strip() for line in lines if line.strip()), "")

    @property
    def number(self) -> str:
        """What a click dials, in normal form: the number of the call, else the contact's first."""
        call: Call | None = self.follow_up.call
        if call is not None and (call.shown_number or call.is_resolved):
            return call.shown_number or ""
        numbers = self.contact.phone_numbers if self.contact else []
        return next((str(one.normal_form) for one in numbers if one.normal_form), "")

    @property
    def back(self) -> int | None:
        """The call of a withheld number, which is dialled without being shown."""
        call: Call | None = self.follow_up.call
        mine = call is not None and call.tenant_id == self._agent.tenant_id
        return call.id if call is not None and mine and call.is_resolved else None

    @property
    def group(self) -> str:
        """ "overdue", "today" or "later"."""
        on, minute = self.follow_up.due_on, self.follow_up.due_minute
        if on < self._today or (on == self._today and minute < self._minute):
            return "overdue"
        return "today" if on == self._today else "later"

    @property
    def rank(self) -> int:
        """The place of its group."""
        return ("overdue", "today", "later").index(self.group)

    @property
    def when(self) -> str:
        """ "Today 14:00", "Tomorrow", "Monday", "3 days ago", "12 Jan"."""
        on, locale = self.follow_up.due_on, get_locale()
        days = (on - self._today).days
        if days == 0:
            words = gettext("Today")
        elif days == 1:
            words = gettext("Tomorrow")
        elif days == -1:
            words = gettext("Yesterday")
        elif days < 0:
            words = ngettext("%(num)s day ago", "%(num)s days ago", -days)
        elif days < THIS_WEEK:
            words = format_date(on, "EEEE", locale)
        else:
            form = "EEE d MMM" if on.year == self._today.year else "d MMM y"
            words = format_date(on, form, locale)
        _day, at = day_and_time(self.follow_up)
        told = f" {format_time(time.fromisoformat(at), 'HH:mm', locale=locale)}" if at else ""
        return f"{words}{told}"

    @property
    def fields(self) -> tuple[str, str]:
        """What the form that moves it holds."""
        return day_and_time(self.follow_up)
