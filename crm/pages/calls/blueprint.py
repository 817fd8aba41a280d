"""The blueprint of all pages of calls, and the lines of calls that the reader may see."""

from collections.abc import Iterable

from flask import Blueprint

from crm.models import Call
from crm.web import clock, current_agent
from crm.web.call_lines import CallLine

blueprint = Blueprint("calls", __name__)


def line_of(call: Call) -> CallLine:
    """A call as the current agent may see it."""
    return CallLine(call, current_agent.get(), now=clock.now())


def lines_of(found: Iterable[Call]) -> list[CallLine]:
    """Calls as the current agent may see them."""
    return [line_of(call) for call in found]
