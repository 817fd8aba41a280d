"""A typed client for Call Center Studio (AloTech): API, softphone, webhooks.

Needs only requests and Python 3.11: copy this folder into your own project as it is.
The README beside it shows its use and says how sure each fact about the vendor is.
"""

from .addresses import origin_of
from .client import Client
from .errors import (
    BadAnswer,
    CallCenterStudioError,
    ForbiddenAddress,
    ForeignAddress,
    LoginRefused,
    RangeNotThere,
    RateLimited,
    RecordingNotThere,
    Refused,
    ServerFailure,
    SessionExpired,
    TimedOut,
    Unreachable,
    WrongAppToken,
)
from .memory_store import MemoryStore
from .recordings import Part, Recording
from .results import ActiveCall, CdrPage, CdrRecord, Login
from .sessions import AgentSession, LoginFailure, Store, TelephonySession
from .softphone import IFRAME_ALLOW, softphone_url
from .webhooks import HangupReport, NotificationReport

__all__ = [
    "IFRAME_ALLOW",
    "ActiveCall",
    "AgentSession",
    "BadAnswer",
    "CallCenterStudioError",
    "CdrPage",
    "CdrRecord",
    "Client",
    "ForbiddenAddress",
    "ForeignAddress",
    "HangupReport",
    "Login",
    "LoginFailure",
    "LoginRefused",
    "MemoryStore",
    "NotificationReport",
    "Part",
    "RangeNotThere",
    "RateLimited",
    "Recording",
    "RecordingNotThere",
    "Refused",
    "ServerFailure",
    "SessionExpired",
    "Store",
    "TelephonySession",
    "TimedOut",
    "Unreachable",
    "WrongAppToken",
    "origin_of",
    "softphone_url",
]
