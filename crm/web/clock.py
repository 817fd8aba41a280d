"""The clock of a page: everything in one answer is true at one moment."""

from datetime import datetime

from flask import g

from crm.models import utc_now


def now() -> datetime:
    """The moment at which this request first asked."""
    if "now" not in g:
        g.now = utc_now()
    moment: datetime = g.now
    return moment
