"""The checks that the browser makes of itself, in static/js/checks.js.

A cross-origin frame has the permissions of the page around it, as far as its `allow` says: so the
softphone's microphone is allowed for the CRM's address.
"""

from flask_babel import lazy_gettext as _

from crm.pages.settings.checks.table import Answer, Check, State

FINE, MEND, BROKEN, UNKNOWN = State

IN_BROWSER = (
    Check(
        id="secure",
        name=_("Secure address"),
        why=_("Browsers give a microphone and notifications only to pages on https."),
        in_light=True,
        answers={
            "secure": Answer(FINE, _("The CRM is open at a secure address.")),
            "insecure": Answer(
                BROKEN,
                _("The CRM is open at an address without https, so nobody will hear you."),
                _("Open it at its address with https://. If there is none, tell your admin."),
            ),
        },
    ),
    Check(
        id="network",
        name=_("Connection to the CRM"),
        why=_("Without it no call shows who is calling, and no note is saved."),
        in_light=True,
        answers={
            "there": Answer(FINE, _("The CRM answers.")),
            "offline": Answer(
                BROKEN,
                _("The CRM does not answer."),
                _("Look at the network cable or Wi-Fi, then at the company's VPN."),
            ),
        },
    ),
    Check(
        id="microphone",
        name=_("Microphone"),
        why=_("Without it the other side hears nothing."),
        in_light=True,
        answers={
            "allowed": Answer(FINE, _("It is allowed, and there is one.")),
            "heard": Answer(FINE, _("You were heard.")),
            "silent": Answer(
                MEND,
                _("Nothing was heard."),
                _(
                    "Is the headset muted? Is it the right one? Chrome lists them under Settings › "
                    "Privacy and security › Site settings › Microphone."
                ),
            ),
            "asks": Answer(
                MEND,
                _("Chrome has not been asked yet."),
                _("Press “Try the microphone” and choose “Allow while visiting the site”."),
            ),
            "denied": Answer(
                BROKEN,
                _("It is blocked for this page."),
                _(
                    "Click the icon to the left of the address and switch Microphone on. Then "
                    "press “Connect the softphone again” in the dock."
                ),
            ),
            "none": Answer(
                BROKEN, _("This computer has no microphone."), _("Plug the headset in.")
            ),
            "system": Answer(
                BROKEN,
                _("The system does not let Chrome use it."),
                _(
                    "Windows: Settings › Privacy & security › Microphone › Let desktop apps access "
                    "your microphone. macOS: System Settings › Privacy & Security › Microphone."
                ),
            ),
            "busy": Answer(
                BROKEN,
                _("It does not start. Another program may have it."),
                _(
                    "Close other programs that make calls, or pull the headset out and plug it in "
                    "again."
                ),
            ),
            "unknown": Answer(
                UNKNOWN,
                _("This browser does not say whether it is allowed."),
                _("Press “Try the microphone”."),
            ),
        },
    ),
    Check(
        id="sound",
        name=_("Sound"),
        why=_(
            "A browser is silent until you have clicked on the page, so the first ring may be "
            "missed."
        ),
        in_light=True,
        answers={
            "allowed": Answer(
                FINE,
                _("The page may play sound. Only you can tell whether you hear it."),
            ),
            "blocked": Answer(
                MEND,
                _("The page is silent until you click on it."),
                _(
                    "Click anywhere. To have it always: click the icon to the left of the address, "
                    "then Site settings, and choose Allow for Sound."
                ),
            ),
            "unknown": Answer(
                UNKNOWN,
                _("You have not clicked on this page yet."),
                _("Press “Hear it”."),
            ),
        },
    ),
    Check(
        id="notifications",
        name=_("Notifications"),
        why=_("They tell you who is calling while you look at another window."),
        in_light=True,
        answers={
            "granted": Answer(
                FINE,
                _("They are on."),
            ),
            "default": Answer(
                UNKNOWN,
                _("You have not chosen yet."),
                _("Press “Allow notifications”, then Allow."),
            ),
            "denied": Answer(
                MEND,
                _("They are blocked for this page."),
                _(
                    "Click the icon to the left of the address and switch Notifications on. "
                    "Windows has to allow Chrome's as well: Settings › System › Notifications."
                ),
            ),
            "none": Answer(MEND, _("This browser has none here."), _("They need https.")),
        },
    ),
    Check(
        id="storage",
        name=_("Cookies and storage"),
        why=_("Messages of a call wait in the browser's storage until the CRM has them."),
        in_light=True,
        answers={
            "kept": Answer(FINE, _("This browser keeps what the CRM needs.")),
            "full": Answer(
                MEND,
                _("The disk space that Chrome has for this page is nearly used up."),
                _("Free some space on this computer's disk."),
            ),
            "blocked": Answer(
                BROKEN,
                _("This browser keeps nothing for the CRM."),
                _(
                    "Chrome: Settings › Privacy and security › Site settings › Additional content "
                    "settings › On-device site data › Allow sites to save data."
                ),
            ),
        },
    ),
    Check(
        id="local_network",
        name=_("Local network"),
        why=_(
            "Where a company's telephone system stands in its own network, Chrome asks whether the "
            "page may connect to it. If it may not, a call is connected and has no sound."
        ),
        in_light=True,
        answers={
            "granted": Answer(FINE, _("The page may connect to it.")),
            "prompt": Answer(
                UNKNOWN,
                _("Chrome has not asked yet. Mostly it need not."),
                _("If it asks about devices on your local network, choose Allow."),
            ),
            "denied": Answer(
                MEND,
                _("It is blocked for this page."),
                _("Click the icon to the left of the address and allow the local network."),
            ),
            "unknown": Answer(FINE, _("This browser does not ask about it.")),
        },
    ),
    Check(
        id="clock",
        name=_("Clock"),
        why=_(
            "The CRM corrects the times of calls by its own clock. The softphone's page may not."
        ),
        in_light=True,
        answers={
            "right": Answer(FINE, _("It agrees with the CRM's.")),
            "wrong": Answer(
                MEND,
                _("This computer's clock and the CRM's differ by more than half a minute."),
                _(
                    "Windows: Settings › Time & language › Date & time › Sync now. If it is right "
                    "here, tell your admin: then the server's is wrong."
                ),
            ),
            "unknown": Answer(UNKNOWN, _("The CRM did not say its time.")),
        },
    ),
    Check(
        id="session",
        name=_("Softphone"),
        why=_("It rings only while it is signed in at Call Center Studio."),
        answers={
            "used": Answer(FINE, _("It is signed in: it has reported a call.")),
            "accepted": Answer(
                UNKNOWN,
                _(
                    "Call Center Studio accepts your session, and the softphone is loaded. Whether "
                    "it is signed in, only the softphone itself shows."
                ),
                _(
                    "Look at it in the dock. If it asks you to sign in, press “Connect the "
                    "softphone again”."
                ),
            ),
            "elsewhere": Answer(
                UNKNOWN,
                _("It is open in another tab or another browser."),
                _("Look there, or fetch it in the dock."),
            ),
            "connecting": Answer(UNKNOWN, _("It is being connected.")),
            "no_answer": Answer(
                MEND,
                _("Call Center Studio did not answer when your session was tried."),
                _("It is tried again by itself. The dock says what happened."),
            ),
            "refused": Answer(
                BROKEN,
                _("Call Center Studio gave you no session."),
                _("The dock says why. Press “Try again” there, or tell your admin what it says."),
            ),
            "out": Answer(BROKEN, _("You are logged out."), _("Log in again.")),
        },
    ),
)
