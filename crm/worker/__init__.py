"""Background work: rows of `Work`, done by the worker, remembered whatever happens to it.

`enqueue` writes a row in the caller's transaction. The worker (`flask worker`) takes what is due
and calls `run_work`, and `fold_inbox` for what the webhooks wrote down. Pages use
`ask_to_complete`. Why it is so: docs/adr/0005-background-work.md.
"""

from crm.background import ClientFor, NotYetError, enqueue
from crm.telephony.complete import COMPLETE_CALL, END_IS_LOST_AFTER, FIRST_PAUSE, ask_to_complete
from crm.telephony.import_work import IMPORT_CDRS, RECONCILE_CDRS, ask_to_import
from crm.telephony.inbox import fold_inbox
from crm.worker import crowd, schedule
from crm.worker.vacuum import VACUUM, ask_to_vacuum
from crm.worker.work import KINDS, LAST_ATTEMPT, LEASE, PAUSES, run_work, take_due

__all__ = [
    "COMPLETE_CALL",
    "END_IS_LOST_AFTER",
    "FIRST_PAUSE",
    "IMPORT_CDRS",
    "KINDS",
    "LAST_ATTEMPT",
    "LEASE",
    "PAUSES",
    "RECONCILE_CDRS",
    "VACUUM",
    "ClientFor",
    "NotYetError",
    "ask_to_complete",
    "ask_to_import",
    "ask_to_vacuum",
    "crowd",
    "enqueue",
    "fold_inbox",
    "run_work",
    "schedule",
    "take_due",
]
