"""The WSGI entry point: `flask …` and `gunicorn app:app` find the application here."""

from crm import cli
from crm.factory import create_app
from crm.settings import SettingsError

try:
    app = create_app()
except SettingsError as error:
    app = cli.without_settings(error)
