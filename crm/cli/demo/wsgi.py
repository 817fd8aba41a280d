"""The demo's WSGI entry point: the CRM on the demo's data, with its agents on the login page.

`flask demo` starts gunicorn and the worker with it. By hand: `flask --app crm.cli.demo.wsgi …`.
"""

from crm.cli.demo import pages
from crm.cli.demo.own_settings import demo_settings
from crm.factory import create_app

app = create_app(demo_settings())
pages.init_app(app)
