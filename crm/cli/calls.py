"""`flask calls summarise`: makes the summary that reports read again, from the calls."""

import click

from crm.calls import summary
from crm.cli.base import Group
from crm.models.locking import in_one_transaction

group = Group("calls", help="The call log.")


@group.command("summarise")
def summarise() -> None:
    """Count every day of all tenants again, for the reports.

    The worker does this by itself for days that have changed. It can be stopped and run again, and
    reports are right meanwhile.
    """
    count = in_one_transaction(summary.mark_all_changed)
    with click.progressbar(length=count, label="Counting days") as bar:
        for left in summary.summarise():
            bar.update(max(0, count - left - bar.pos))
    click.echo(f"{count:,} days are summarised.")
