"""`/settings/keeping`: how long each kind of data is kept (retention). For admins.

The page shows what a new time would delete before it is set. The worker deletes it at night.
"""

from flask import make_response, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from sqlalchemy import select
from werkzeug.wrappers import Response
from wtforms.validators import NumberRange, Optional

from crm import retention
from crm.extensions import db
from crm.models import RetentionKind, Work, utc_now
from crm.pages.settings.blueprint import blueprint, saved
from crm.pages.settings.whole_number import WholeNumberField
from crm.retention import FEWEST_DAYS, MOST_DAYS, Going
from crm.web.security import admin_only
from crm.worker import schedule

_DAYS = [
    Optional(),
    NumberRange(
        FEWEST_DAYS,
        MOST_DAYS,
        lazy_gettext(
            "Enter %(least)s days or more, or nothing to keep it for ever.", least=FEWEST_DAYS
        ),
    ),
]


class RetentionForm(FlaskForm):
    """Days that each kind of data is kept; empty is for ever."""

    events = WholeNumberField(
        lazy_gettext("Messages and records of each call"),
        validators=_DAYS,
        description=lazy_gettext(
            "Days to keep the messages, posts and records as they came. Without them a call keeps "
            "its figures, its note and its outcome, and is changed by nothing that comes later."
        ),
    )
    calls = WholeNumberField(
        lazy_gettext("Calls"),
        validators=_DAYS,
        description=lazy_gettext(
            "Days to keep calls, with their notes, outcomes and everything received about them. "
            "After that, lists, reports and contacts no longer show them."
        ),
    )
    listens = WholeNumberField(
        lazy_gettext("Who listened to recordings"),
        validators=_DAYS,
        description=lazy_gettext(
            "Days to keep who heard which recording. The recordings are at Call Center Studio."
        ),
    )

    history = WholeNumberField(
        lazy_gettext("Notes on contacts, and their changes"),
        validators=_DAYS,
        description=lazy_gettext(
            "Days to keep notes that were written without a call, what was changed in contacts, "
            "and follow-ups that are done."
        ),
    )

    def days(self) -> dict[RetentionKind, int | None]:
        """The days typed, by kind."""
        return {kind: self[kind.value].data for kind in RetentionKind}


@blueprint.get("/keeping")
@admin_only
def show_retention() -> str:
    """The retention times, and how much the last night deleted."""
    now_set = {kind.value: days for kind, days in retention.times().items()}
    return _page(RetentionForm(formdata=None, data=now_set))


@blueprint.post("/keeping")
@admin_only
def check_retention() -> Response:
    """Show what the new times would delete and ask to confirm. If nothing, set them at once."""
    form = RetentionForm()
    if not form.validate_on_submit():
        return make_response(_page(form), 422)
    going = [one for one in retention.what_would_go(form.days(), now=utc_now()) if one.count]
    if not going:
        return _set(form)
    return make_response(_page(form, going=going))


@blueprint.post("/keeping/apply")
@admin_only
def apply_retention() -> Response:
    """Set the times that were confirmed."""
    form = RetentionForm()
    if not form.validate_on_submit():
        return make_response(_page(form), 422)
    return _set(form)


def _set(form: RetentionForm) -> Response:
    retention.set_times(form.days())
    db.session.commit()
    return saved(_("The times are set."), url_for("settings.show_retention"), show_retention)


def _page(form: RetentionForm, going: list[Going] | None = None) -> str:
    of_ours = (Work.kind == schedule.AT_NIGHT, Work.subject == schedule.RETENTION)
    next_run = select(Work.next_try_at).where(*of_ours)
    return render_template(
        "settings/retention.html",
        form=form,
        going=going,
        runs=retention.last_runs(),
        kinds=RetentionKind,
        next_run=db.session.scalar(next_run),  # None when no worker has ever run
    )
