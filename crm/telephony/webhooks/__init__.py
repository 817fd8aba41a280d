"""What Call Center Studio sends to this CRM: hangup posts, and notifications of the IVR.

Each is one short write (`Arrival`), answered 200 whatever it holds; the worker folds it into its
call. Neither has a signature, so the secret in the address is all that tells who sends it. One
module an address: to connect a CRM of your own, start with `hangup`.
"""

from crm.telephony.webhooks import hangup, notification
from crm.telephony.webhooks.blueprint import blueprint
from crm.web.wrong_secrets import REFUSED, STRANGERS, TOO_MANY

__all__ = ["REFUSED", "STRANGERS", "TOO_MANY", "blueprint", "hangup", "notification"]
