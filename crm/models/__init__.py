"""The tables. One file a noun; import them from here."""

from crm.models.agent import Agent, Role
from crm.models.base import UtcDateTime, midnight, utc_now
from crm.models.call import (
    Call,
    CallCard,
    CallEvent,
    CallLeg,
    CallState,
    Direction,
    EventSource,
    JoinedCall,
)
from crm.models.call_summary import CallSummary, ChangedDay, SummaryPart
from crm.models.cdr_import import CdrImport, ImportKind, ImportState
from crm.models.contact import Contact, ContactCalls, PhoneNumber
from crm.models.contact_entry import ContactEntry, EntryKind
from crm.models.contact_import import (
    ContactImport,
    ContactImportKey,
    ContactImportPiece,
    ContactImportRow,
    FileKind,
    RowState,
    Stage,
)
from crm.models.follow_up import FollowUp
from crm.models.logged_request import LoggedRequest
from crm.models.login import Login, PasswordTries
from crm.models.newest_session import NewestSession
from crm.models.outcome import Outcome
from crm.models.retention import Listen, RetentionKind, RetentionTime
from crm.models.tally import Tally
from crm.models.tenant import DialFormat, SoftphoneTenant, Tenant
from crm.models.webhook_inbox import InboxEntry
from crm.models.work import Work, WorkState

__all__ = [
    "Agent",
    "Call",
    "CallCard",
    "CallEvent",
    "CallLeg",
    "CallState",
    "CallSummary",
    "CdrImport",
    "ChangedDay",
    "Contact",
    "ContactCalls",
    "ContactEntry",
    "ContactImport",
    "ContactImportKey",
    "ContactImportPiece",
    "ContactImportRow",
    "DialFormat",
    "Direction",
    "EntryKind",
    "EventSource",
    "FileKind",
    "FollowUp",
    "ImportKind",
    "ImportState",
    "InboxEntry",
    "JoinedCall",
    "Listen",
    "LoggedRequest",
    "Login",
    "NewestSession",
    "Outcome",
    "PasswordTries",
    "PhoneNumber",
    "RetentionKind",
    "RetentionTime",
    "Role",
    "RowState",
    "SoftphoneTenant",
    "Stage",
    "SummaryPart",
    "Tally",
    "Tenant",
    "UtcDateTime",
    "Work",
    "WorkState",
    "midnight",
    "utc_now",
]
