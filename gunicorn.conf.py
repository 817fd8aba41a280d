"""How gunicorn serves the CRM: `gunicorn app:app`, `make run` and the demo read this file."""

import os

from dotenv import load_dotenv

load_dotenv()

# A reverse proxy with TLS belongs in front; say so with TRUSTED_PROXIES.
bind = f"127.0.0.1:{os.environ.get('PORT') or 5000}"

# More workers than cores, some threads each: requests that wait for the vendor (login, dial)
# must not keep a screen pop waiting. What is slow to arrive or to be sent costs no thread.
workers = 2 * len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 4
threads = 8
worker_class = "crm.web.http.WaitressWorker"
preload_app = True
timeout = 60
graceful_timeout = 30
control_socket_disable = True  # two installations of one user would share the socket

accesslog = "-"  # its lines are written by the worker
