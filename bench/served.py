"""The application that the bench serves: the CRM as shipped, and two empty routes beside it.

gunicorn loads it (`bench.served:app`); see `bench.server`.
"""

from bench import EMPTY_PATH, EMPTY_POST_PATH
from crm.extensions import csrf
from crm.factory import create_app
from crm.web.security import public

app = create_app()
# All hooks run for it, and like every other page it wants a login.
app.add_url_rule(EMPTY_PATH, "bench_empty", lambda: "")
# What the webhooks are compared with: no login, no token, no database.
app.add_url_rule(
    EMPTY_POST_PATH, "bench_empty_post", csrf.exempt(public(lambda: "")), methods=["POST"]
)
