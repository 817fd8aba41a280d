"""`/reports`: figures over many calls, as charts, tables and files.

`blueprint.py` reads the address and answers; `tables.py` puts `crm.calls.reports` into words.
"""

from crm.pages.reports.blueprint import blueprint

__all__ = ["blueprint"]
