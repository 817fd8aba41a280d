"""`flask secrets rotate`: after SECRET_KEY was replaced, before the earlier key goes."""

import click
from flask import current_app

from crm.cli.base import Group
from crm.settings import Settings
from crm.tenants.rotation import APP_TOKEN, seal_again

group = Group("secrets", help="Secrets in the database, which SECRET_KEY encrypts.")


@group.command("rotate")
def rotate() -> None:
    """Encrypt app tokens, webhooks' secrets and telephony sessions again with SECRET_KEY.

    SECRET_KEY_FALLBACKS must hold the key that they were encrypted with. It can be run while people
    work, and again. Ends with 1 if a secret could not be read.
    """
    settings: Settings = current_app.extensions["settings"]
    rotation = seal_again(settings.secret_keys)
    click.echo(f"{rotation.sealed} secrets are encrypted with the present SECRET_KEY.")
    for what, tenant in rotation.lost:
        mend = (
            f"flask tenant set {tenant}" if what == APP_TOKEN else "make new addresses in Settings"
        )
        click.echo(
            f"The {what} of tenant {tenant} was encrypted with none of the keys. "
            f"Add its key to SECRET_KEY_FALLBACKS, or {mend}.",
            err=True,
        )
    if rotation.lost:
        raise SystemExit(1)
