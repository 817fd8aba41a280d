"""`/reports`: figures over many calls, as pictures, tables and files.

`asked.py` reads the address, `tables.py` and `figures.py` put `crm.calls.reports` into words,
`blueprint.py` answers.
"""

from crm.pages.reports.blueprint import blueprint

__all__ = ["blueprint"]
