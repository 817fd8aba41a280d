"""The checks of the installation, for admins and `flask doctor`; `installation.py` makes them."""

from flask_babel import lazy_gettext as _

from crm.pages.settings.checks.at_server import BROKEN, ENVIRONMENT, FINE, MEND, UNKNOWN
from crm.pages.settings.checks.table import Answer, Check

_PROXY = _("Set TRUSTED_PROXIES to their number, and start the CRM again.")

AT_INSTALLATION = (
    Check(
        id="database",
        name=_("Database"),
        why=_("Each version of the CRM has its own tables."),
        for_admins=True,
        answers={
            "current": Answer(FINE, _("It answers, and its tables are up to date.")),
            "no_answer": Answer(
                BROKEN, _("It does not answer."), _("Look at DATABASE_URL and at the server.")
            ),
            "empty": Answer(BROKEN, _("It has no tables yet."), _("Run flask db upgrade.")),
            "behind": Answer(
                BROKEN, _("Its tables are those of an older version."), _("Run flask db upgrade.")
            ),
            "ahead": Answer(
                BROKEN,
                _("Its tables are those of a newer version."),
                _("Install the newer version of the CRM, or restore the backup from before."),
            ),
        },
    ),
    Check(
        id="queue",
        name=_("Queue"),
        why=_("It wakes the worker. What waits is in the database, so none of it gets lost."),
        for_admins=True,
        answers={
            "reached": Answer(FINE, _("It can be used.")),
            "no_answer": Answer(BROKEN, _("Redis does not answer."), _("Look at REDIS_URL.")),
        },
    ),
    Check(
        id="worker",
        name=_("Background work"),
        why=_("The worker reads what Call Center Studio sends, and fetches the records of calls."),
        for_admins=True,
        answers={
            "works": Answer(FINE, _("The worker keeps up.")),
            "late": Answer(
                BROKEN, _("Work is due, and nothing is doing it."), _("Start flask worker.")
            ),
            "never": Answer(BROKEN, _("No worker has run yet."), _("Start flask worker.")),
        },
    ),
    Check(
        id="public_url",
        name=_("Public address (PUBLIC_URL)"),
        why=_(
            "Call Center Studio reports ended and missed calls to it, so that they are known "
            "at once."
        ),
        for_admins=True,
        answers={
            "reached": Answer(FINE, _("The CRM answers there.")),
            "not_set": Answer(
                MEND,
                _("It is not set. Calls are completed by asking, a little later."),
                ENVIRONMENT,
            ),
            "plain": Answer(
                MEND,
                _("It has no https, so what is sent there can be read on its way."),
                ENVIRONMENT,
            ),
            "own_network": Answer(
                BROKEN,
                _("It is an address inside this network. Call Center Studio cannot reach it."),
                ENVIRONMENT,
            ),
            "certificate": Answer(
                BROKEN,
                _("Its certificate could not be verified."),
                _("Renew it at the proxy in front of the CRM."),
            ),
            "something_else": Answer(
                BROKEN,
                _("Something other than the CRM answers there."),
                _("Look at the proxy in front of the CRM, and whether the address is right."),
            ),
            "no_answer": Answer(
                MEND,
                _("The CRM cannot reach itself there."),
                _(
                    "Open it from a phone outside your network. If it answers, only the way from "
                    "here is closed."
                ),
            ),
        },
    ),
    Check(
        id="proxy",
        name=_("Proxy in front (TRUSTED_PROXIES)"),
        why=_("It tells the CRM who is asking, by which name, and whether over https."),
        for_admins=True,
        answers={
            "right": Answer(FINE, _("As many are trusted as are there.")),
            "too_few": Answer(
                MEND,
                _("Too few are trusted: to the CRM all people have one address. In front:"),
                _PROXY,
            ),
            "too_many": Answer(
                BROKEN,
                _("Too many are trusted: a visitor can invent an address. In front:"),
                _PROXY,
            ),
            "scheme": Answer(
                BROKEN,
                _("The CRM takes https for http, so its cookies are not marked Secure."),
                _("Let the proxy set X-Forwarded-Proto."),
            ),
            "host": Answer(
                MEND,
                _("The CRM does not learn the name that people type. It learns:"),
                _("Let the proxy set X-Forwarded-Host."),
            ),
            "unknown": Answer(
                UNKNOWN, _("It is known only when a request arrives through PUBLIC_URL.")
            ),
        },
    ),
    Check(
        id="disk",
        name=_("Disk"),
        why=_("The database, the queue and the exports are written to it."),
        for_admins=True,
        answers={
            "room": Answer(FINE, _("There is room. Free:")),
            "little": Answer(MEND, _("There is little room left. Free:"), _("Make room on it.")),
            "full": Answer(BROKEN, _("It is nearly full. Free:"), _("Make room on it.")),
        },
    ),
    Check(
        id="files",
        name=_("Files"),
        why=_("They hold secrets and what people said. Only the CRM's own user may read them."),
        for_admins=True,
        answers={
            "private": Answer(FINE, _("Nobody else can read them.")),
            "not_writable": Answer(
                BROKEN,
                _("The CRM's user cannot write to:"),
                _("Give the file or folder to the user who runs the CRM (chown)."),
            ),
            "readable": Answer(
                MEND,
                _("Other users of this machine can read:"),
                _("Give the file to the user who runs the CRM (chown), who closes it then."),
            ),
        },
    ),
)
