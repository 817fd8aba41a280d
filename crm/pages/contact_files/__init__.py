"""`/contacts/import`: contacts from files."""

from crm.pages.contact_files import imports, report
from crm.pages.contact_files.blueprint import blueprint

__all__ = ["blueprint", "imports", "report"]
