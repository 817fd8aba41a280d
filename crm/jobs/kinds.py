"""What a kind of work is: the function that does it, given the subject and the vendor's clients."""

from collections.abc import Callable

from crm.callcenterstudio import Client
from crm.models import Tenant

ClientFor = Callable[[Tenant], Client]
# Returns after how many seconds it wants to be done again, None when that is all. Being done
# again is a new task, with all its tries: so a long piece of work goes on page by page.
Job = Callable[[str, ClientFor], float | None]
# What else is to be written when a kind of work is given up: subject, and the reason in words.
GivenUp = Callable[[str, str], None]


class NotYetError(Exception):
    """The work cannot be done now, without anything being wrong; the text says what is missing."""
