"""Reads the vendor's call detail records (`reportsCDRLogs`) into the call log.

`crm.worker`, the import page and `flask cdr import` call it.
"""

from crm.telephony.cdr_import.complete import complete_call
from crm.telephony.cdr_import.reading import BusyError, read_page
from crm.telephony.cdr_import.runs import ImportReport, go_on, progress, report, start, stop

__all__ = [
    "BusyError",
    "ImportReport",
    "complete_call",
    "go_on",
    "progress",
    "read_page",
    "report",
    "start",
    "stop",
]
