"""The tables. One file a noun; import them from here."""

from crm.models.agent import Agent, Role
from crm.models.base import UtcDateTime, utc_now
from crm.models.call import (
    Call,
    CallCard,
    CallEvent,
    CallState,
    Direction,
    EventSource,
    JoinedCall,
)
from crm.models.contact import Contact, PhoneNumber
from crm.models.tenant import DialFormat, SoftphoneTenant, Tenant
from crm.models.work import Work, WorkState

__all__ = [
    "Agent",
    "Call",
    "CallCard",
    "CallEvent",
    "CallState",
    "Contact",
    "DialFormat",
    "Direction",
    "EventSource",
    "JoinedCall",
    "PhoneNumber",
    "Role",
    "SoftphoneTenant",
    "Tenant",
    "UtcDateTime",
    "Work",
    "WorkState",
    "utc_now",
]
