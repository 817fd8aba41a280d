"""Imports of call detail records as background work: a page a task."""

from crm.jobs.asking import ask
from crm.models import CdrImport, Work

IMPORT_CDRS = "import_cdrs"


def ask_to_import(run: CdrImport) -> Work:
    """Have the worker read an import page by page. The caller commits, together with the import."""
    return ask(IMPORT_CDRS, str(run.id))
