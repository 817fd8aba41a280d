"""Lists as files: CSV and Excel, of any length, with flat memory. The call log and reports use it.

`csv_answer` and `excel_answer` take a file name without its ending, a line of headings and an
iterator of rows. A cell is text, a number, a moment, a day, or None for an empty one. Text stays
text: a phone number keeps its plus and its zero, and nothing that a caller or an agent wrote
becomes a formula. `in_own_process` around either keeps a long one off the server's own threads.
"""

from crm.pages.exports.cells import Cell, Row
from crm.pages.exports.csv_file import csv_answer
from crm.pages.exports.excel_file import SHEET_ROWS, excel_answer
from crm.pages.exports.process import in_own_process

__all__ = ["SHEET_ROWS", "Cell", "Row", "csv_answer", "excel_answer", "in_own_process"]
