"""The requests session behind the client: its own, or one that is handed in.

One session serves all agents of a tenant, so it must not remember one of them, and it must not
repeat by itself: a dial that is sent twice rings twice.
"""

from http.cookiejar import DefaultCookiePolicy
from urllib.parse import urlsplit

import requests

from .addresses import GuardedAdapter

_CONNECTIONS = 32  # kept open per client; more can be in use, they are closed after it


def api_address(api_url: str) -> str:
    """Return the address with the slash that the vendor's wiki always writes before the query.

    Raises ValueError when it is not an http(s) address without query or user.
    """
    parts = urlsplit(api_url.strip())
    plain = not (parts.query or parts.fragment or parts.username or parts.password)
    if parts.scheme not in ("http", "https") or not parts.hostname or not plain:
        raise ValueError("api_url must be an address such as https://name.example/api/.")
    return f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}/"


def private_session() -> requests.Session:
    """Return a session that keeps connections, but no cookies: they would mix up agents.

    It connects to no forbidden address (``addresses.py``).
    """
    session = requests.Session()
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    adapter = GuardedAdapter(pool_maxsize=_CONNECTIONS)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    return session


def checked(session: requests.Session, api_url: str) -> requests.Session:
    """Return a session that was handed in. Raises ValueError if it repeats requests by itself."""
    retries = getattr(session.get_adapter(api_url), "max_retries", None)
    if retries is not None and retries.total:
        raise ValueError("This session repeats requests by itself; a dial must be sent once.")
    return session
