"""How gunicorn serves the CRM: `gunicorn app:app`, `make run` and the demo read this file."""

import os
import re
from typing import Any

from dotenv import load_dotenv
from gunicorn.glogging import Logger

load_dotenv()

# A reverse proxy with TLS belongs in front; say so with TRUSTED_PROXIES.
bind = f"127.0.0.1:{os.environ.get('PORT') or 5000}"

# More workers than cores, a few threads each: requests that wait for the vendor (login, dial)
# must not keep a screen pop waiting.
workers = 2 * len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 4
threads = 4
worker_class = "gthread"
preload_app = True
timeout = 60
graceful_timeout = 30
keepalive = 5
control_socket_disable = True  # two installations of one user would share the socket

# Whom to believe about https is said by TRUSTED_PROXIES alone.
secure_scheme_headers: dict[str, str] = {}

# The path without its query: queries hold what people searched for.
accesslog = "-"
access_log_format = '%(h)s %(t)s "%(m)s %(U)s" %(s)s %(B)s %(M)sms'


class QuietLogger(Logger):  # type: ignore[misc]
    """Keeps the webhooks' secrets, which stand in their paths, out of the access log."""

    def atoms(self, resp: Any, req: Any, environ: Any, request_time: Any) -> dict[str, Any]:
        """What the log format can name."""
        atoms: dict[str, Any] = super().atoms(resp, req, environ, request_time)
        atoms["U"] = re.sub(r"^(/webhooks/[^/]+/).+", r"\1...", atoms["U"] or "")
        return atoms


logger_class = QuietLogger
