"""The pages that have no vendor in them; `init_app` registers all blueprints, one a noun."""

from flask import Flask, redirect, url_for

from crm.pages import (
    calls,
    contact_files,
    contacts,
    follow_ups,
    health,
    inspector,
    login,
    manifest,
    missed,
    reports,
)
from crm.pages import settings as settings_pages
from crm.settings import Settings
from crm.telephony import (
    active_calls,
    call_panel,
    dial,
    hangup,
    notifications,
    recordings,
    screen_pop,
    softphone,
    softphone_place,
    webhook_check,
)
from crm.telephony import login as telephony_login
from crm.web import compression, errors, layout, security, static_files, template_filters
from crm.web import follow_ups as due

BLUEPRINTS = (
    login.blueprint,
    active_calls.blueprint,
    call_panel.blueprint,
    calls.blueprint,
    contact_files.blueprint,
    contacts.blueprint,
    dial.blueprint,
    follow_ups.blueprint,
    hangup.blueprint,
    health.blueprint,
    inspector.blueprint,
    manifest.blueprint,
    missed.blueprint,
    notifications.blueprint,
    recordings.blueprint,
    reports.blueprint,
    screen_pop.blueprint,
    settings_pages.blueprint,
    softphone.blueprint,
    softphone_place.blueprint,
    telephony_login.blueprint,
    webhook_check.blueprint,
)


def init_app(app: Flask, settings: Settings) -> None:
    """Register the pages and everything that every request passes through."""
    compression.init_app(app)
    security.init_app(app, settings)
    layout.init_app(app)
    template_filters.init_app(app)
    due.init_app(app)
    static_files.init_app(app)
    errors.init_app(app)
    login.init_app(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    app.add_url_rule("/", "home", lambda: redirect(url_for("contacts.index")))
