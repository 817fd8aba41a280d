"""The checks of a tenant, which the server makes in `asked.py`; agents see two of them."""

from flask_babel import lazy_gettext as _

from crm.pages.settings.checks.table import Answer, Check, State

FINE, MEND, BROKEN, UNKNOWN = State

_TELL_ADMIN = _("An admin mends it under Settings › Tenants.")
_CALLS_STILL_RING = _(
    "Check again in a minute. If it lasts, an admin asks Call Center Studio. Calls that come in "
    "still ring."
)
_TOKEN = _(
    "Settings › Tenants › the tenant: enter the app token. It is made at Call Center Studio under "
    "Administrator › Applications."
)
_KEY = _(
    "Add the earlier key to SECRET_KEY_FALLBACKS, start the CRM again and run flask secrets "
    "rotate. If that key is gone, enter the app token again."
)
ENVIRONMENT = _("Set it in the environment, and start the CRM again.")

AT_SERVER = (
    Check(
        id="api",
        name=_("Call Center Studio"),
        why=_("Its API dials, holds and hangs up, and says who a hidden caller is."),
        answers={
            "answers": Answer(FINE, _("It answers.")),
            "no_answer": Answer(
                BROKEN,
                _("It did not answer the CRM."),
                _CALLS_STILL_RING,
            ),
            "trouble": Answer(BROKEN, _("It answers with an error."), _CALLS_STILL_RING),
            "odd_answer": Answer(
                BROKEN,
                _("Something answers at the API's address, but not as it should."),
                _TELL_ADMIN,
            ),
            "refused": Answer(BROKEN, _("It refuses the CRM's app token."), _TELL_ADMIN),
            "not_set_up": Answer(BROKEN, _("The CRM has no app token for it."), _TELL_ADMIN),
        },
    ),
    Check(
        id="softphone_page",
        name=_("Softphone's page"),
        why=_("It stands in a frame of this page, if it allows that."),
        answers={
            "frames": Answer(FINE, _("The CRM reaches it, and it may stand in a frame.")),
            "forbids": Answer(
                BROKEN,
                _("It allows no frame in the CRM, so the dock shows an empty box."),
                _("An admin asks Call Center Studio to allow the CRM's address."),
            ),
            "plain": Answer(
                BROKEN,
                _("Its address has no https, and Chrome shows no such page inside this one."),
                _("An admin changes it: Settings › Tenants › address of the softphone page."),
            ),
            "leads_away": Answer(
                UNKNOWN,
                _("Without a session it leads to another address."),
                _("If the dock shows the softphone, all is well."),
            ),
            "error": Answer(
                MEND,
                _("It answers with an error."),
                _("Check again in a minute. If it lasts, an admin asks Call Center Studio."),
            ),
            "no_answer": Answer(
                MEND,
                _("The CRM cannot reach it."),
                _("If the dock shows the softphone, only the server's own way there is closed."),
            ),
        },
    ),
    Check(
        id="token",
        name=_("App token"),
        why=_("With it the CRM signs agents in and reads the records of calls."),
        for_admins=True,
        answers={
            "accepted": Answer(FINE, _("Call Center Studio takes it.")),
            "not_asked": Answer(UNKNOWN, _("It is set. Call Center Studio did not answer.")),
            "missing": Answer(BROKEN, _("There is none."), _TOKEN),
            "lost": Answer(BROKEN, _("It was stored with another SECRET_KEY."), _KEY),
            "refused": Answer(BROKEN, _("Call Center Studio refuses it."), _TOKEN),
        },
    ),
    Check(
        id="agent_login",
        name=_("An agent's login"),
        why=_("The softphone works only for an agent whom Call Center Studio knows."),
        for_admins=True,
        answers={
            "works": Answer(FINE, _("The newest login works:")),
            "refused": Answer(
                BROKEN,
                _("The newest login failed:"),
                _("Settings › Agents: is the address at Call Center Studio right?"),
            ),
            "over": Answer(
                UNKNOWN, _("The newest login is over. At the next click there will be another:")
            ),
            "none": Answer(
                UNKNOWN,
                _("Nobody is logged in."),
                _("Log in as an agent, or run flask doctor --agent with an address."),
            ),
            "not_asked": Answer(UNKNOWN, _("Call Center Studio could not be asked.")),
        },
    ),
    Check(
        id="vendor_clock",
        name=_("This machine's clock"),
        why=_("Calls are found by their times, and logins are kept for hours."),
        for_admins=True,
        answers={
            "right": Answer(FINE, _("It agrees with Call Center Studio's.")),
            "wrong": Answer(
                MEND,
                _("It differs from Call Center Studio's:"),
                _("Let the machine set its clock by NTP."),
            ),
            "unknown": Answer(UNKNOWN, _("Call Center Studio did not tell the time.")),
        },
    ),
    Check(
        id="hangup_address",
        name=_("Hangup address"),
        why=_("It is sent with each dial. Call Center Studio posts the end of that call to it."),
        for_admins=True,
        answers={
            "sent": Answer(FINE, _("It is sent.")),
            "not_sent": Answer(
                MEND,
                _("It is not sent, because PUBLIC_URL is not set."),
                ENVIRONMENT,
            ),
            "lost": Answer(
                MEND,
                _("It is not sent: its secret was stored with another SECRET_KEY."),
                _("Settings › Tenants › the tenant: make a new address."),
            ),
        },
    ),
    Check(
        id="webhook_check",
        name=_("A webhook of our own"),
        why=_("The CRM sends it to itself through PUBLIC_URL, with the tenant's secret."),
        for_admins=True,
        answers={
            "arrived": Answer(FINE, _("It arrived.")),
            "not_sent": Answer(UNKNOWN, _("None was sent: there is no address for it.")),
            "wrong_secret": Answer(
                BROKEN,
                _("It arrived, and the secret in its address was not known."),
                _("Do all processes of the CRM use the same database?"),
            ),
            "something_else": Answer(
                BROKEN,
                _("What answered was not this CRM."),
                _("Let the proxy pass /webhooks/ on. All processes need the same SECRET_KEY."),
            ),
            "certificate": Answer(
                BROKEN,
                _("The certificate could not be verified."),
                _("Renew it at the proxy in front of the CRM."),
            ),
            "no_answer": Answer(MEND, _("There was no answer, or it came too late.")),
        },
    ),
    Check(
        id="webhook",
        name=_("Webhooks"),
        why=_("They show that Call Center Studio reaches the CRM from outside."),
        for_admins=True,
        answers={
            "came": Answer(FINE, _("Last report of a call:")),
            "none": Answer(
                UNKNOWN,
                _("Nothing has come yet."),
                _(
                    "Dial a number and hang up. Inbound calls are reported only by a step of "
                    "the IVR: Settings › Tenants."
                ),
            ),
            "refused": Answer(
                MEND,
                _("A request came with a wrong secret, the last one:"),
                _(
                    "Is an old address still in the IVR? Settings › Tenants › the tenant has the "
                    "new one."
                ),
            ),
        },
    ),
)
