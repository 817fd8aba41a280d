"""The form of the names of a tenant's notifications: a field for each meaning."""

from collections.abc import Mapping

from flask_babel import LazyString
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import StringField

from crm.callcenterstudio.webhooks import MEANINGS

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

    activecallkey = StringField(LABELS["activecallkey"])
    number = StringField(LABELS["number"])
    called = StringField(LABELS["called"])
    agent_email = StringField(LABELS["agent_email"])
    queue = StringField(LABELS["queue"])
    duration = StringField(LABELS["duration"])
    disposition = StringField(LABELS["disposition"])
    call_date = StringField(LABELS["call_date"])


def names_form(names: Mapping[str, str]) -> NamesForm:
    """The form, filled in with a map of names."""
    form = NamesForm(data=dict(names))
    for meaning, usual in MEANINGS.items():
        form[meaning].description = _hint(meaning, ", ".join(usual))
    return form


def names_in(form: NamesForm) -> dict[str, str]:
    """What was typed, by meaning."""
    return {meaning: form[meaning].data or "" for meaning in MEANINGS}


def _hint(meaning: str, usual: str) -> LazyString:
    if meaning in MACROS:
        return _(
            "Its value at Call Center Studio is most likely %(macro)s. Empty: %(usual)s.",
            macro=MACROS[meaning],
            usual=usual,
        )
    if meaning == "call_date":
        return _("Local time, like 2026-03-10 12:00:00. Empty: %(usual)s.", usual=usual)
    return _("Empty: %(usual)s.", usual=usual)
