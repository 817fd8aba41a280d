"""Encrypts ("seals") secrets in the database: app tokens, session keys and webhooks' secrets.

`crm.tenants` seals a token when an admin sets it; `crm.telephony.account` unseals it to call the
vendor. A webhook's secret is sealed so that it can be shown, and looked up by its digest. With
SECRET_KEY_FALLBACKS what an earlier key has sealed is opened too; `crm.tenants.rotation` seals it
again.
"""

import base64
import hashlib

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

_PURPOSE = b"contact-desk app token"


class SecretLostError(Exception):
    """The secret was sealed with a SECRET_KEY that is not among the given ones."""


def seal(secret: str, *, key: str) -> str:
    """Encrypt `secret` with a key derived from `key` (SECRET_KEY); returns URL-safe text."""
    return _fernet(key).encrypt(secret.encode()).decode()


def unseal(sealed: str, *, keys: tuple[str, ...]) -> str:
    """Decrypt what `seal` returned; `keys` are SECRET_KEY and the earlier ones.

    Raises SecretLostError when it was sealed with none of them.
    """
    try:
        return MultiFernet([_fernet(key) for key in keys]).decrypt(sealed.encode()).decode()
    except InvalidToken:
        raise SecretLostError(
            "The stored app token was encrypted with another SECRET_KEY. Set the token again."
        ) from None


def digest(secret: str) -> str:
    """A hash to look up a long random secret by; it depends on no key."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _fernet(key: str) -> Fernet:
    # SECRET_KEY is long random text already; the hash gives it Fernet's 32 bytes and a purpose.
    digest = hashlib.blake2b(key.encode(), key=_PURPOSE, digest_size=32).digest()
    return Fernet(base64.urlsafe_b64encode(digest))
