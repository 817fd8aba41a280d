"""Which section of the vendor's guide an entry belongs to, and the file that did it.

A test reads this table: each file must be there, and each function of the client, each message and
each kind of event must be in it. The questions of an integrator: crm/telephony/README.md.
"""

from typing import NamedTuple

from crm.calls import events as kinds


class Place(NamedTuple):
    """section: of the guide, in its own words; "" for what the guide does not have."""

    section: str
    file: str


LOGIN = "Login"
SOFTPHONE = "Generic Softphone SSO"
POP = "Pop-Up of the Contact Card for Inbound Calls"
DIAL = "click2call"
HANGUP = "Post Body That Goes to Hangup_url"
RECORDS = "reportsCDRLogs"
NOTIFICATIONS = "Call and Incoming Call Notifications"
NOT_IN_THE_GUIDE = ""

FUNCTIONS = {
    "login": Place(LOGIN, "crm/telephony/login.py"),
    "ping": Place(LOGIN, "crm/callcenterstudio/sessions.py"),
    "click2call": Place(DIAL, "crm/telephony/dial.py"),
    "click2hang": Place(NOT_IN_THE_GUIDE, "crm/telephony/call_panel.py"),
    "click2hold": Place(NOT_IN_THE_GUIDE, "crm/telephony/call_panel.py"),
    "click2unhold": Place(NOT_IN_THE_GUIDE, "crm/telephony/call_panel.py"),
    "getmyactivecalls": Place(POP, "crm/telephony/active_calls.py"),
    "getactivecall": Place(POP, "crm/callcenterstudio/client.py"),
    "getrecordingurl": Place(NOT_IN_THE_GUIDE, "crm/telephony/recordings.py"),
    "reportsCDRLogs": Place(RECORDS, "crm/telephony/records.py"),
}
MESSAGES = {
    "IncomingCall": Place(POP, "crm/telephony/call_panel.py"),
    "Dial": Place(SOFTPHONE, "crm/telephony/call_panel.py"),
    "OutgoingActiveCallKey": Place(SOFTPHONE, "crm/telephony/call_panel.py"),
    "Accept": Place(SOFTPHONE, "crm/telephony/call_panel.py"),
    "Talking": Place(SOFTPHONE, "crm/telephony/call_panel.py"),
    "Hangup": Place(SOFTPHONE, "crm/telephony/call_panel.py"),
}
KINDS = {
    kinds.HANGUP_POST: Place(HANGUP, "crm/telephony/hangup.py"),
    kinds.NOTIFICATION: Place(NOTIFICATIONS, "crm/telephony/notifications.py"),
    kinds.CDR: Place(RECORDS, "crm/calls/record_page.py"),
    kinds.ACTIVE_CALL: Place(POP, "crm/telephony/active_calls.py"),
    kinds.GONE: Place(POP, "crm/telephony/active_calls.py"),
    kinds.DIAL: Place(DIAL, "crm/telephony/dial.py"),
    kinds.DIAL_FAILED: Place(DIAL, "crm/telephony/dial.py"),
    kinds.DIAL_NOT_TAKEN: Place(DIAL, "crm/telephony/call_panel.py"),
    kinds.HOLD: Place(NOT_IN_THE_GUIDE, "crm/telephony/call_panel.py"),
    kinds.UNHOLD: Place(NOT_IN_THE_GUIDE, "crm/telephony/call_panel.py"),
    kinds.DONE: Place(NOT_IN_THE_GUIDE, "crm/calls/wrap_up.py"),
    kinds.NOTE: Place(NOT_IN_THE_GUIDE, "crm/calls/wrap_up.py"),
    kinds.OUTCOME: Place(NOT_IN_THE_GUIDE, "crm/calls/wrap_up.py"),
    kinds.CONTACT: Place(NOT_IN_THE_GUIDE, "crm/calls/wrap_up.py"),
    kinds.MISSED_DONE: Place(NOT_IN_THE_GUIDE, "crm/calls/missed.py"),
    kinds.MISSED_UNDONE: Place(NOT_IN_THE_GUIDE, "crm/calls/missed.py"),
}
# Records by dates are asked for elsewhere than the record of one call.
RECORDS_BY_DATES = Place(RECORDS, "crm/telephony/record_import.py")
PLACES = FUNCTIONS | MESSAGES | KINDS


def place_of(name: str, *, by_dates: bool = False) -> Place:
    """The place of a function, a message or a kind of event."""
    return RECORDS_BY_DATES if by_dates else PLACES.get(name, Place(NOT_IN_THE_GUIDE, ""))
