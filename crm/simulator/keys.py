"""Opaque keys in the form the vendor gives them: sessions, calls, queues, cursors.

Called by everything here that hands out a key. Seen in public clients: URL-safe base64 without
padding, 70 to 110 characters, case-sensitive, beginning with "ag".
"""

import base64
from functools import lru_cache
from random import Random

RANDOM_BYTES = 40


def new_key(random: Random, kind: str) -> str:
    """A fresh key of 79 to 87 characters; `kind` (a word of 3 to 9 letters) can be read in it by
    whoever decodes it, which helps when two keys were confused. Nothing else may decode it.
    """
    raw = b"j\x0fs~simulator-" + kind.encode()[:9].ljust(3, b"-") + random.randbytes(RANDOM_BYTES)
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


@lru_cache(maxsize=256)
def queue_key(tenant_name: str, queue: str) -> str | None:
    """The key of a queue, the same after a restart; None for a call without a queue."""
    if not queue:
        return None
    return new_key(Random(f"{tenant_name} {queue}"), "queue")  # noqa: S311 - not a secret
