"""The WSGI entry point: `flask …` and `gunicorn app:app` find the application here."""

from crm import create_app

app = create_app()
