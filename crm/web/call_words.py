"""The results of calls in words: "Answered", "Missed"; shared by cards and lists."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext

from crm import calls
from crm.calls import caller_history
from crm.calls.caller_history import CallerHistory
from crm.contacts.directory import PopContact
from crm.web import current_agent
from crm.web.template_filters import ago

RESULTS = {
    "answered": lazy_gettext("answered"),
    "missed": lazy_gettext("missed"),
    "abandoned": lazy_gettext("gave up waiting"),
    "no_answer": lazy_gettext("no answer"),
    "busy": lazy_gettext("busy"),
    "cancelled": lazy_gettext("cancelled"),
    "failed": lazy_gettext("failed"),
    "not_taken": lazy_gettext("not taken by the softphone"),
    "ended": lazy_gettext("ended"),
    "ringing": lazy_gettext("ringing"),
    "dialling": lazy_gettext("dialling"),
    "talking": lazy_gettext("talking"),
    "held": lazy_gettext("on hold"),
}

# How the vendor says that a call ended, as people filter by it. Other words of the vendor's are
# offered as they are.
DISPOSITIONS = {
    "ANSWER": lazy_gettext("Answered"),
    "NOANSWER": lazy_gettext("No answer"),
    "BUSY": lazy_gettext("Busy"),
    "CANCEL": lazy_gettext("Cancelled"),
    "CHANUNAVAIL": lazy_gettext("Not reachable"),
    "CONGESTION": lazy_gettext("Network overloaded"),
}

# Why a dial reached nobody, as far as that is known.
NOT_REACHED = {
    "no_answer": lazy_gettext("Nobody answered."),
    "busy": lazy_gettext("The line was busy."),
    "cancelled": lazy_gettext("The call was ended before anybody answered."),
    "ended": lazy_gettext("Why nobody was reached is not known yet."),
}
# Dispositions of a failed dial; what they mean is the Asterisk dial status of the same name.
_FAILED = {
    "CHANUNAVAIL": lazy_gettext("The number could not be reached (CHANUNAVAIL)."),
    "CONGESTION": lazy_gettext("The network could not carry the call (CONGESTION)."),
}


def not_reached_text(result: str, disposition: str) -> str:
    """Why nobody was reached, in a sentence."""
    known = NOT_REACHED.get(result) or _FAILED.get(disposition)
    return str(known or _("The call could not be connected (%(word)s).", word=disposition))


def history_of_caller(contact_id: int) -> CallerHistory:
    """What a ringing card tells of a contact's last calls, of those that the agent may see."""
    return caller_history.of_contact(contact_id, current_agent.get().tenants_seen())


def last_call_text(contact: PopContact) -> str:
    """A contact's last call in a line: "wants an offer, 12 Nov", else "answered, 12 Nov"."""
    result, note = calls.result_and_note(contact.last_call_summary)
    words = note or str(RESULTS.get(result, result))
    when = ago(contact.last_call_at) if contact.last_call_at else ""
    return ", ".join(part for part in (words.rstrip(" ."), when) if part)
