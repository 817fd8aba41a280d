"""Reads the vendor's call detail records (`reportsCDRLogs`) into the call log.

`crm.jobs`, the import page and `flask cdr import` call it.
"""

from crm.cdr_import.complete import complete_call
from crm.cdr_import.runs import ImportReport, go_on, progress, report, start, stop

__all__ = ["ImportReport", "complete_call", "go_on", "progress", "report", "start", "stop"]
