"""What a browser and the vendor's webhooks talk to: one blueprint a noun, registered here."""

from flask import Flask

from crm.settings import Settings
from crm.web import (
    auth,
    call_panel,
    calls,
    contacts,
    dial,
    errors,
    health,
    home,
    icons,
    layout,
    missed,
    recordings,
    reports,
    screen_pop,
    security,
    softphone,
    static_files,
    template_filters,
    translations,
    webhooks,
)
from crm.web import settings as settings_pages
from crm.web.layout import choose_locale

__all__ = ["choose_locale", "init_app"]

BLUEPRINTS = (
    auth.blueprint,
    call_panel.blueprint,
    calls.blueprint,
    contacts.blueprint,
    dial.blueprint,
    health.blueprint,
    home.blueprint,
    missed.blueprint,
    recordings.blueprint,
    reports.blueprint,
    screen_pop.blueprint,
    settings_pages.blueprint,
    softphone.blueprint,
    webhooks.blueprint,
)


def init_app(app: Flask, settings: Settings) -> None:
    """Register the pages and everything that every request passes through."""
    security.init_app(app, settings)
    layout.init_app(app)
    template_filters.init_app(app)
    icons.init_app(app)
    translations.init_app(app)
    static_files.init_app(app)
    errors.init_app(app)
    auth.init_app(app)
    softphone.init_app(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
