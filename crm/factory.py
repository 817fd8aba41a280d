"""`create_app`: puts the application together."""

from functools import partial
from pathlib import Path

from dotenv import find_dotenv
from flask import Flask
from sqlalchemy import make_url

from crm import cli, logins, pages, private_files
from crm.extensions import babel, csrf, db, login_manager, migrate
from crm.models import inbox_file
from crm.models.json_text import json_text, json_value
from crm.settings import Settings
from crm.web.layout import choose_locale


def create_app(settings: Settings | None = None) -> Flask:
    """Build the application.

    Without `settings` they are read from the environment (and `.env`, when started by `flask` or
    gunicorn). Raises crm.settings.SettingsError when one of them cannot be used.
    """
    if settings is None:
        settings = Settings.from_environ()
        private_files.close(Path(find_dotenv(usecwd=True) or ".env"))
    app = Flask("crm", template_folder="../templates", static_folder=None)
    app.config.from_mapping(_flask_config(settings))
    app.extensions["settings"] = settings
    app.extensions["create_app"] = partial(create_app, settings)  # for exports
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    url = make_url(settings.database_url)
    if url.get_backend_name() == "sqlite" and url.database:  # SQLite makes its file, not the folder
        private_files.make_folder(Path(url.database).parent)
    db.init_app(app)
    migrate.init_app(app, db)
    login_manager.init_app(app)
    babel.init_app(app, locale_selector=choose_locale)
    pages.init_app(app, settings)
    # Checked last: a lost login takes the token along, and must be reported as a lost login.
    csrf.init_app(app)
    cli.init_app(app)
    return app


def _flask_config(settings: Settings) -> dict[str, object]:
    engine_options = {
        # A restarted database server costs no request an error. A file is always there.
        "pool_pre_ping": make_url(settings.database_url).get_backend_name() != "sqlite",
        "json_serializer": json_text,
        "json_deserializer": json_value,
        # Values stay out of errors' texts, which get into logs and onto pages.
        "hide_parameters": True,
    }
    return {
        "SECRET_KEY": settings.secret_key,
        "SECRET_KEY_FALLBACKS": [*settings.secret_key_fallbacks],
        # Pages that are open while the key is replaced can still send their forms.
        "WTF_CSRF_SECRET_KEY": settings.signing_keys,
        "SQLALCHEMY_DATABASE_URI": settings.database_url,
        "SQLALCHEMY_ENGINE_OPTIONS": engine_options,
        "SQLALCHEMY_BINDS": inbox_file.binds(settings.database_url, engine_options),
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_NAME": "crm_login",
        "PERMANENT_SESSION_LIFETIME": logins.LIFE,
        "SESSION_REFRESH_EACH_REQUEST": False,  # the login ends when its row says so
        # A page that never reloads must not lose its token after an hour; a new login renews it.
        "WTF_CSRF_TIME_LIMIT": None,
        "WTF_CSRF_SSL_STRICT": False,  # the referrer policy hides the referrer it would read
        "MAX_CONTENT_LENGTH": 1024 * 1024,
        "BABEL_TRANSLATION_DIRECTORIES": "translations",
    }
