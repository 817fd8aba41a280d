"""What a kind of work is: the function that does it, given the subject and the vendor's clients."""

from collections.abc import Callable

from crm.callcenterstudio import Client
from crm.models import Tenant

ClientFor = Callable[[Tenant], Client]
Job = Callable[[str, ClientFor], None]


class NotYetError(Exception):
    """The work cannot be done now, without anything being wrong; the text says what is missing."""
