"""Which tries of a password count together, and how "too many" is answered.

The login and "Change password" ask here; the counting is done by `crm.password_tries`.
"""

from contextlib import suppress
from datetime import timedelta
from ipaddress import ip_address, ip_network
from math import ceil

from flask import make_response, request
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from crm import agents
from crm.password_tries import ONE_ACCOUNT, ONE_ADDRESS, ONE_EMAIL, Ways
from crm.web import known_browser

TOO_MANY_REQUESTS = 429
MINUTE = 60
IPV4, IPV6_NETWORK = 4, 64


def at_login(email: str) -> Ways:
    """A browser in which this agent has logged in before is counted by itself. Any other is counted
    with its address and with the e-mail.
    """
    email, agent, browser = agents.normal_email(email), agents.by_email(email), known_browser.read()
    if agent is not None and agent.id in browser.agent_ids:
        return {f"agent {agent.id} in browser {browser.id}": ONE_ACCOUNT}
    address = _network()
    return {
        f"address {address} at {email}": ONE_ACCOUNT,
        f"address {address}": ONE_ADDRESS,
        f"e-mail {email}": ONE_EMAIL,
    }


def at_own_password(agent_id: int) -> Ways:
    """Whoever sits down at an unlocked desk can guess no faster than anybody else."""
    return {f"own password of agent {agent_id}": ONE_ACCOUNT}


def sentence(wait: timedelta) -> str:
    """When one may try again."""
    seconds = ceil(wait.total_seconds())
    if seconds < MINUTE:
        text: str = ngettext(
            "Too many wrong passwords. Try again in %(num)s second.",
            "Too many wrong passwords. Try again in %(num)s seconds.",
            seconds,
        )
    else:
        text = ngettext(
            "Too many wrong passwords. Try again in %(num)s minute.",
            "Too many wrong passwords. Try again in %(num)s minutes.",
            ceil(seconds / MINUTE),
        )
    return " ".join((text, _("Nothing has been locked.")))


def refusal(page: str, wait: timedelta) -> Response:
    """The form again, with 429."""
    headers = {"Retry-After": str(ceil(wait.total_seconds()))}
    return make_response(page, TOO_MANY_REQUESTS, headers)


def _network() -> str:
    """The IPv4 address, or the /64 network of an IPv6 one: one host may use all of it."""
    told = request.remote_addr or ""
    for text in (told, told.rpartition(":")[0].strip("[]")):  # some proxies add the port
        with suppress(ValueError):
            address = ip_address(text.partition("%")[0])
            prefix = address.max_prefixlen if address.version == IPV4 else IPV6_NETWORK
            return str(ip_network((address, prefix), strict=False))
    return told
