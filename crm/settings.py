"""The settings of an installation, read from its environment; everything else is data.

`Settings.from_environ` is the only reader of the environment. `create_app` and the command line
call it; tests build `Settings` by hand.
"""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

MINIMUM_SECRET_KEY = 32
PUBLIC_URL = re.compile(r"https?://[^\s/?#]+(?:/[^\s?#]*)?")
LOOPBACK = ("localhost", "127.0.0.1", "::1")
HOST = re.compile(r"\.?[a-z0-9-]+(?:\.[a-z0-9-]+)*|\[[0-9a-f:.]+\]")
TELEPHONY_SESSION_HOURS_ALLOWED = (8, 12)


class SettingsError(ValueError):
    """A setting is missing or cannot be used; the text says which and what to write instead."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The environment of one installation."""

    # Signs cookies and encrypts app tokens; at least 32 characters.
    secret_key: str = field(repr=False)
    # Earlier keys (or one that is about to be used): what they signed and encrypted is still read.
    secret_key_fallbacks: tuple[str, ...] = field(default=(), repr=False)
    # SQLAlchemy address: a SQLite file or PostgreSQL.
    database_url: str = field(repr=False)
    # Where the vendor reaches this CRM, perhaps below a path; without a slash at the end.
    public_url: str | None = None
    # Queue of the background work; None: a SQLite file beside the database.
    redis_url: str | None = field(default=None, repr=False)
    # Further names by which the CRM is addressed; one that begins with a dot includes all below it.
    allowed_hosts: tuple[str, ...] = ()
    # Life of the telephony-session cookie, 8 to 12.
    telephony_session_hours: int = 8
    # Where `make demo` and `make run` listen.
    port: int = 5000
    simulator_port: int = 5001
    # Number of reverse proxies in front whose X-Forwarded-* headers are believed.
    trusted_proxies: int = 0
    queue_path: Path = Path("instance/queue.db")

    @classmethod
    def from_environ(cls, environ: Mapping[str, str] | None = None) -> "Settings":
        """Read and check the environment.

        Raises SettingsError with a sentence that names the variable.
        """
        environ = os.environ if environ is None else environ
        instance = Path("instance").absolute()
        secret_key = environ.get("SECRET_KEY", "")
        if len(secret_key) < MINIMUM_SECRET_KEY:
            raise SettingsError(
                f"SECRET_KEY must have at least {MINIMUM_SECRET_KEY} characters. "
                "Make one with: python -c 'import secrets; print(secrets.token_urlsafe(48))'"
            )
        earlier = environ.get("SECRET_KEY_FALLBACKS", "").split(",")
        fallbacks = tuple(key.strip() for key in earlier if key.strip())
        if any(len(key) < MINIMUM_SECRET_KEY for key in fallbacks):
            raise SettingsError(
                "SECRET_KEY_FALLBACKS holds whole keys with commas between them, and each had at "
                f"least {MINIMUM_SECRET_KEY} characters when it was SECRET_KEY. One is shorter."
            )
        database_url = environ.get("DATABASE_URL") or f"sqlite:///{instance / 'crm.db'}"
        # Hosters leave out the driver, which SQLAlchemy wants named.
        database_url = re.sub("^postgres(ql)?://", "postgresql+psycopg://", database_url)
        public_url = environ.get("PUBLIC_URL") or None
        if public_url and not PUBLIC_URL.fullmatch(public_url):
            raise SettingsError(
                "PUBLIC_URL must start with https:// (or http:// while trying it out) and a name, "
                "like https://crm.example.com; a path may follow, but nothing with ? or #."
            )
        return cls(
            secret_key=secret_key,
            secret_key_fallbacks=fallbacks,
            database_url=database_url,
            public_url=public_url.rstrip("/") if public_url else None,
            redis_url=environ.get("REDIS_URL") or None,
            allowed_hosts=_allowed_hosts(environ.get("ALLOWED_HOSTS", "")),
            telephony_session_hours=_whole_number(
                environ, "TELEPHONY_SESSION_HOURS", 8, TELEPHONY_SESSION_HOURS_ALLOWED
            ),
            port=_whole_number(environ, "PORT", 5000, (1, 65535)),
            simulator_port=_whole_number(environ, "SIMULATOR_PORT", 5001, (1, 65535)),
            trusted_proxies=_whole_number(environ, "TRUSTED_PROXIES", 0, (0, 10)),
            queue_path=instance / "queue.db",
        )

    @property
    def secret_keys(self) -> tuple[str, ...]:
        """All keys, the present one first: what was encrypted with one of them can be read."""
        return (self.secret_key, *self.secret_key_fallbacks)

    @property
    def signing_keys(self) -> list[str]:
        """The same for itsdangerous, which signs with the last one and accepts them all."""
        return [*reversed(self.secret_keys)]

    @property
    def hosts(self) -> tuple[str, ...]:
        """All names by which the CRM may be addressed: loopback, `public_url`, `allowed_hosts`."""
        public = urlsplit(self.public_url or "").hostname
        return (*LOOPBACK, *([public] if public else []), *self.allowed_hosts)


def _allowed_hosts(names: str) -> tuple[str, ...]:
    found = tuple(name.lower() for name in re.split(r"[,\s]+", names) if name)
    for name in found:
        if not HOST.fullmatch(name):
            raise SettingsError(
                "ALLOWED_HOSTS holds names alone, like crm.example.com, with commas between them: "
                f"no https://, no port and no path. This is none: {name!r}."
            )
    return tuple(name.strip("[]") for name in found)


def _whole_number(
    environ: Mapping[str, str], name: str, default: int, allowed: tuple[int, int]
) -> int:
    text = environ.get(name) or str(default)
    low, high = allowed
    if not text.isascii() or not text.isdigit() or not low <= int(text) <= high:
        raise SettingsError(f"{name} must be a whole number from {low} to {high}, not {text!r}.")
    return int(text)
