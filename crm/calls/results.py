"""How a call went, in one word; the outcomes that an agent chooses from; a contact's last call.

Pages and `crm.calls.ties` use it. The words are codes: templates turn them into people's language
(`state_mark`), `label_of` does it for outcomes.
"""

from flask_babel import LazyString, lazy_gettext

from crm.models import Call, CallState, Direction, EventSource
from crm.models.call import NOT_TAKEN

OUTCOMES: list[tuple[str, LazyString]] = [
    ("resolved", lazy_gettext("Resolved")),
    ("follow_up", lazy_gettext("Follow-up")),
    ("sale", lazy_gettext("Sale")),
    ("voicemail", lazy_gettext("Voicemail")),
    ("wrong_number", lazy_gettext("Wrong number")),
    ("other", lazy_gettext("Other")),
]

# Disposition of a dial that nobody answered -> result. Others are "failed": the vendor's wiki
# lists CONGESTION, CHANUNAVAIL, DONTCALL, TORTURE and INVALIDARGS.
_NOT_REACHED = {
    "BUSY": "busy",
    "NOANSWER": "no_answer",
    "ANSWER": "no_answer",
    "": "no_answer",
    "CANCEL": "cancelled",
}
SEPARATOR = " · "
LONGEST_SUMMARY = 300


def result_of(call: Call) -> str:
    """One of: dialling, ringing, talking, held; then answered, missed, abandoned, no_answer, busy,
    cancelled, failed, not_taken; ended where nobody has said yet whether somebody answered. Of a
    dial the softphone alone does not say it: it ends a busy line and a cancelled call alike.

    abandoned is a kind of missed: the caller gave up in the queue before anybody answered.
    """
    if call.state is not CallState.ENDED:
        return call.state.value
    if call.dial_problem:
        return NOT_TAKEN if call.dial_problem == NOT_TAKEN else "failed"
    if call.answered is not False:
        return "answered" if call.answered else "ended"
    if call.direction is Direction.OUTBOUND:
        unsaid = not call.disposition and call.sources.get("answered") == EventSource.BROWSER
        return "ended" if unsaid else _NOT_REACHED.get(call.disposition, "failed")
    if call.direction is Direction.INBOUND:
        return "abandoned" if call.abandoned else "missed"
    return "ended"


def label_of(outcome: str) -> str:
    """The outcome in words; one that is no longer offered is shown as it is stored."""
    return str(dict(OUTCOMES).get(outcome, outcome))


def summary_of(call: Call) -> str:
    """A contact's last call in a line: its result, then the note's first line, then nothing.

    "missed", or "answered · wants the invoice again".
    """
    line = next(iter(call.note.strip().splitlines()), "")
    text = SEPARATOR.join(part for part in (result_of(call), line) if part)
    return text[:LONGEST_SUMMARY]


def result_and_note(summary: str) -> tuple[str, str]:
    """The two parts of a contact's `last_call_summary`."""
    result, _separator, line = summary.partition(SEPARATOR)
    return result, line
