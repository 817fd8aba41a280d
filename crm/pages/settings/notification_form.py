"""The form of the names of a tenant's notifications: a field for each meaning."""

from collections.abc import Mapping

from flask_babel import LazyString
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import HiddenField, StringField

from crm.callcenterstudio.webhooks import MEANINGS
from crm.web.shown import keep_untouched

LABELS: Mapping[str, LazyString] = {
    "activecallkey": _("Key of the call"),
    "number": _("Caller's number"),
    "called": _("Number that was called"),
    "agent_email": _("Agent's e-mail"),
    "queue": _("Queue"),
    "duration": _("Duration in seconds"),
    "disposition": _("Disposition"),
    "call_date": _("Start of the call"),
}
# What the value is called at the vendor (seen in public set-ups, not confirmed).
MACROS: Mapping[str, str] = {
    "activecallkey": "{{call_activecallkey}}",
    "number": "{{call_callerid}}",
    "agent_email": "{{call_agent_email}}",
    "duration": "{{call_duration}}",
}


class NamesForm(FlaskForm):
    """What the parameters are called; an empty field means the usual names."""

    shown = HiddenField()
    activecallkey = StringField(LABELS["activecallkey"])
    number = StringField(LABELS["number"])
    called = StringField(LABELS["called"])
    agent_email = StringField(LABELS["agent_email"])
    queue = StringField(LABELS["queue"])
    duration = StringField(LABELS["duration"])
    disposition = StringField(LABELS["disposition"])
    call_date = StringField(LABELS["call_date"])


def names_form(now: Mapping[str, str], names: Mapping[str, str] | None = None) -> NamesForm:
    """The form, filled in with a map of names. now: the map on record, which it is by default."""
    form = NamesForm(data=dict(now if names is None else names))
    keep_untouched(form, {meaning: now.get(meaning, "") for meaning in MEANINGS})
    for meaning, usual in MEANINGS.items():
        form[meaning].description = _hint(meaning, ", ".join(usual))
    return form


def names_in(form: NamesForm) -> dict[str, str]:
    """What was typed, by meaning."""
    return {meaning: form[meaning].data or "" for meaning in MEANINGS}


def _hint(meaning: str, usual: str) -> str:
    """The usual names, and what the value is at the vendor."""
    if meaning in MACROS:
        value = _("its value is most likely %(macro)s", macro=MACROS[meaning])
        return f"{usual} · {value}"
    if meaning == "call_date":
        return f"{usual} · {_('local, like 2026-03-10 12:00:00')}"
    return usual
