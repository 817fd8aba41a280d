"""What Call Center Studio's client and the worker say, in the reader's language.

The client (crm/callcenterstudio) is to be copied and knows no language, and the worker has no
reader: their English sentences are stored, and translated when shown, by the filter `in_words`.
What the vendor says itself stays as it came; where its meaning is known, an explanation follows.
"""

import re
from functools import lru_cache

from flask_babel import gettext as _

from crm.callcenterstudio.errors import TRY_AGAIN
from crm.names import fold


def marked(text: str) -> str:
    """The text as it is: `make translations` finds it here."""
    return text


SENTENCES = (
    marked("Call Center Studio did not answer in time."),
    marked("Call Center Studio did not answer the agent's login in time."),
    marked(
        "Call Center Studio could not be reached at %(host)s. "
        "Check the network and the tenant's API address."
    ),
    marked(
        "The certificate of %(host)s could not be verified, so nothing was sent to it. "
        "Check the API address and this machine's certificates."
    ),
    marked(
        "%(host)s leads into this machine's own network, where Call Center Studio is not. "
        "Nothing was sent. Check the tenant's addresses."
    ),
    marked("Call Center Studio asks us to slow down."),
    marked("Call Center Studio has a problem of its own (HTTP %(status)s)."),
    marked("Call Center Studio refused the agent's login: %(said)s"),
    marked("Call Center Studio refused the agent's login, without saying why."),
    marked("Call Center Studio refused: %(said)s"),
    marked("Call Center Studio refused, without saying why."),
    marked(
        "Call Center Studio does not accept this tenant's app token. "
        "An administrator can set a new one in the settings."
    ),
    marked("The telephony session has expired. Log in to Call Center Studio again."),
    marked("Call Center Studio accepted the login, but gave no session."),
    marked(
        "The API address does not answer as the API does (HTTP %(status)s). "
        "Check the tenant's API address."
    ),
    marked(
        "The API address wants to send us elsewhere (HTTP %(status)s). "
        "Check the tenant's API address."
    ),
    marked(
        "The API address answered with a web page instead of an API answer. "
        "Check the tenant's API address."
    ),
    marked(
        "The API address answered with plain text instead of an API answer. "
        "Check the tenant's API address."
    ),
    marked(
        "The API address answered with nothing instead of an API answer. "
        "Check the tenant's API address."
    ),
    marked(
        "The API address answered with JSON of another shape instead of an API answer. "
        "Check the tenant's API address."
    ),
    marked("The API address answers, but not as the vendor's API does."),
    marked("The answer of Call Center Studio has no list %(name)s."),
    marked("Call Center Studio's answer is too long to be one of its API."),
    marked("Call Center Studio does not say where the next page begins."),
    marked("The recording could not be fetched from Call Center Studio. Try again."),
    marked("Call Center Studio has no recording at this address."),
    marked("Call Center Studio does not hand the recording out (HTTP %(status)s)."),
    marked("The address of the recording leads from one address to the next."),
    marked("The address of the recording is not one of this tenant's host, so it was not fetched."),
    marked("What Call Center Studio has at the recording's address is no audio."),
    marked("What Call Center Studio has at the recording's address is far too long."),
    marked("Call Center Studio sends a part of the recording and does not say which."),
    marked("Call Center Studio sends another part of the recording than was asked."),
    marked("The recording at this address is empty."),
    marked("The recording has no end."),
    # of crm/telephony/account.py and crm/secret_box.py
    marked("The tenant %(tenant)s has no app token yet. An admin can set it under Settings."),
    marked("The stored app token was encrypted with another SECRET_KEY. Set the token again."),
)
# The vendor's own messages (docs/vendor.md), folded.
MEANINGS = {
    "kullanici bulunamadi": marked("Call Center Studio has no agent with this e-mail address."),
    "user not found": marked("Call Center Studio has no agent with this e-mail address."),
    "yanlis api anahtari": marked("The key is wrong or was replaced."),
    "wrong api key": marked("The key is wrong or was replaced."),
}


def in_words(text: str) -> str:
    """A stored sentence in the reader's language; one that is not known stays as it is."""
    if not text:
        return ""
    sentence = text.removesuffix(TRY_AGAIN).rstrip()
    known, values = _recognised(sentence)
    words = str(_(known)) % values if values else str(_(known))
    meaning = MEANINGS.get(fold(values.get("said", "")).strip(" ."))
    if meaning:
        words = " ".join((words.rstrip(" .") + ".", _("This means:"), _(meaning)))
    if sentence != text:
        words = " ".join((words, _("Try again in a moment.")))
    return words


@lru_cache(maxsize=1_000)
def _recognised(sentence: str) -> tuple[str, dict[str, str]]:
    """The sentence with places, and what stands in them."""
    for one in SENTENCES:
        parts = re.split(r"%\((\w+)\)s", one)
        pattern = "".join(
            f"(?P<{part}>.+)" if position % 2 else re.escape(part)
            for position, part in enumerate(parts)
        )
        found = re.fullmatch(pattern, sentence, re.DOTALL)
        if found:
            return one, found.groupdict()
    return sentence, {}
