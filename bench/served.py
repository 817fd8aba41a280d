"""The application that the bench serves: the CRM as shipped, and one empty route beside it.

gunicorn loads it (`bench.served:app`); see `bench.server`.
"""

from bench import EMPTY_PATH
from crm import create_app

app = create_app()
# All hooks run for it, and like every other page it wants a login.
app.add_url_rule(EMPTY_PATH, "bench_empty", lambda: "")
