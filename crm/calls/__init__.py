"""The call log: one call is one row, whichever source reported it first.

Pages, webhooks, jobs and the CDR import use the names below. How rows are found, merged and
folded: docs/calls.md.
"""

from crm.calls.contact_calls import result_and_note, result_of
from crm.calls.contact_links import claim_calls, move_calls, release_calls, unclaimed
from crm.calls.filters import (
    MOST_COUNTED,
    CallFilter,
    Result,
    count_matching,
    dispositions,
    matching,
    queues,
)
from crm.calls.queries import (
    by_browser_call_id,
    call_backs_of,
    card_named,
    card_of,
    dial_awaiting,
    events_of_call,
    find,
    has_another_up,
    is_on_call,
    is_up,
    of_contact,
    open_cards,
    unheard_dials,
    written_events,
)
from crm.calls.record import (
    record_active_call,
    record_hangup,
    record_message,
    record_notification,
)
from crm.calls.record_dial import (
    record_dial,
    record_dial_failed,
    record_dial_not_taken,
    record_hold,
)
from crm.calls.record_page import BatchResult, record_cdr, record_cdrs
from crm.calls.wrap_up import close_card, end_if_gone, record_note, record_wrap_up
from crm.models.call import NOT_TAKEN

__all__ = [
    "MOST_COUNTED",
    "NOT_TAKEN",
    "BatchResult",
    "CallFilter",
    "Result",
    "by_browser_call_id",
    "call_backs_of",
    "card_named",
    "card_of",
    "claim_calls",
    "close_card",
    "count_matching",
    "dial_awaiting",
    "dispositions",
    "end_if_gone",
    "events_of_call",
    "find",
    "has_another_up",
    "is_on_call",
    "is_up",
    "matching",
    "move_calls",
    "of_contact",
    "open_cards",
    "queues",
    "record_active_call",
    "record_cdr",
    "record_cdrs",
    "record_dial",
    "record_dial_failed",
    "record_dial_not_taken",
    "record_hangup",
    "record_hold",
    "record_message",
    "record_note",
    "record_notification",
    "record_wrap_up",
    "release_calls",
    "result_and_note",
    "result_of",
    "unclaimed",
    "unheard_dials",
    "written_events",
]
