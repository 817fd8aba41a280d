"""Reads the vendor's call detail records (`reportsCDRLogs`) into the call log.

`crm.jobs`, the import page and `flask cdr import` call it.
"""

from crm.cdr_import.complete import complete_call

__all__ = ["complete_call"]
