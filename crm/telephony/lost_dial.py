"""A dial that the CRM was stopped in the middle of: nobody says any more what became of it.

`POST /dial` asks here before it sends the next one. The vendor's list of the agent's calls decides:
when it has none, the dial came to nothing, and the next one may be sent at once.
"""

from datetime import timedelta

from flask_babel import gettext as _
from flask_login import current_user

from crm import calls
from crm.callcenterstudio import CallCenterStudioError
from crm.extensions import db
from crm.models import utc_now
from crm.telephony import dial_lock
from crm.telephony.phone import keep_session, the_telephony
from crm.telephony.sessions import Account, TelephonySession
from crm.web.template_filters import local_time

# The vendor may take ten seconds to accept a dial. Before that, its list proves nothing.
ACCEPTED_WITHIN = timedelta(seconds=12)


def give_up(account: Account, session: TelephonySession) -> None:
    """Give up the agent's dials of which nothing was heard, if Call Center Studio has no call.

    Asks it only when there is one. Commits.
    """
    long_ago = utc_now() - ACCEPTED_WITHIN
    since = dial_lock.under_way_since(current_user.id, now=utc_now())
    unheard = calls.unheard_dials(current_user.id, before=long_ago)
    if not unheard and (since is None or since > long_ago):
        return
    db.session.rollback()  # no database waits for the vendor
    try:
        answered = the_telephony().active_calls(account, session)
    except CallCenterStudioError:
        return
    keep_session(answered.session)
    if answered.answer:
        return
    for call in unheard:
        calls.record_dial_not_taken(call)
    dial_lock.release(current_user.id, begun_before=long_ago)
    db.session.commit()


def what_to_do() -> str:
    """Why no second dial is sent: since when the first is under way, and what to do."""
    since = dial_lock.under_way_since(current_user.id, now=utc_now())
    if since is None:  # it has ended this moment
        return str(_("A call was being dialled. Click again."))
    zone, form = current_user.timezone, "HH:mm:ss"
    began = local_time(since, zone, form)
    if utc_now() - since < ACCEPTED_WITHIN:
        again = local_time(since + ACCEPTED_WITHIN, zone, form)
        return str(
            _(
                "A call has been dialling since %(began)s. If the softphone does not show "
                "it, click again at %(again)s.",
                began=began,
                again=again,
            )
        )
    until = local_time(since + dial_lock.LONGEST, zone, form)
    return str(
        _(
            "A call has been dialling since %(began)s, and Call Center Studio has a call of yours "
            "or cannot be asked. End the call in the softphone, or click again at %(until)s.",
            began=began,
            until=until,
        )
    )
