"""The Generic Softphone: the address of its page, its permissions, the messages it posts.

The web layer calls this to build the iframe and the Content-Security-Policy. Messages arrive
in the browser as ``event.data``, a JSON string whose ``messageType`` is one of the names here.
"""

from typing import Final
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from .addresses import origin_of

#: Permissions of the iframe. The vendor's guide asks for microphone and notifications; a frame of
#: another origin cannot ask for the latter. Without the last one Chrome drops local media unasked.
IFRAME_ALLOW: Final = "microphone; autoplay; clipboard-write; local-network-access"

#: An inbound call rings: ``number``, ``activecallkey`` (vendor's guide).
INCOMING_CALL: Final = "IncomingCall"
#: An outbound call starts: ``number``; it has no key yet (seen in public clients, as all below).
DIAL: Final = "Dial"
#: The key of that outbound call: ``activecallkey``.
OUTGOING_ACTIVE_CALL_KEY: Final = "OutgoingActiveCallKey"
#: The call was accepted; no fields.
ACCEPT: Final = "Accept"
#: Both sides talk; no fields.
TALKING: Final = "Talking"
#: The call is over: ``activecallkey``, null when a dialled call ended before it had one.
HANGUP: Final = "Hangup"

#: All known types. Others exist and are to be ignored without noise.
MESSAGE_TYPES: Final = (INCOMING_CALL, DIAL, OUTGOING_ACTIVE_CALL_KEY, ACCEPT, TALKING, HANGUP)


def softphone_url(page: str, *, tenant: str, session: str) -> str:
    """Return the iframe's address: ``page`` with ``tenant`` and ``session`` in its query.

    Other parts of the query stay. ``tenant`` is usually the full host: in a public client the bare
    name broke the registration of the phone. The address of the page itself is not published;
    ``https://softphone.alo-tech.com/generic/sso/`` is inferred from public clients. Raises
    ValueError when ``page`` is not an http(s) address.
    """
    if not origin_of(page):
        raise ValueError("The softphone page is not an http(s) address.")
    parts = urlsplit(page)
    given = parse_qsl(parts.query, keep_blank_values=True)
    query = [(name, value) for name, value in given if name not in ("tenant", "session")]
    query += [("tenant", tenant), ("session", session)]
    return urlunsplit(parts._replace(query=urlencode(query)))
