"""`/calls/export.csv` and `/calls/export.xlsx`: the log as it is filtered, all of it, as a file.

Calls are read a thousand at a time and forgotten again, each batch in a transaction of its own: no
length of the log fills the memory or keeps writers waiting.
"""

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from flask import Response, request
from flask_babel import gettext as _

from crm import calls
from crm.extensions import db
from crm.models import Call
from crm.models.call import UNDATED
from crm.pages.calls import filter_form
from crm.pages.calls.blueprint import blueprint
from crm.pages.calls.filter_form import DIRECTIONS
from crm.pages.exports.files import Row, csv_answer, excel_answer
from crm.pages.exports.process import in_own_process
from crm.web import call_lines, call_notes, clock, current_agent
from crm.web.agent_names import AgentNames
from crm.web.call_words import RESULTS
from crm.web.current_agent import CurrentAgent
from crm.web.outcome_names import OutcomeNames

BATCH = 1000


@blueprint.get("/calls/export.csv")
def export_csv() -> Response:
    """Everything that passes the filter, as CSV."""
    return in_own_process(lambda: csv_answer(_name(), _header(), _rows()))


@blueprint.get("/calls/export.xlsx")
def export_excel() -> Response:
    """Everything that passes the filter, as an Excel file."""
    return in_own_process(lambda: excel_answer(_name(), _header(), _rows()))


def _name() -> str:
    today = clock.now().astimezone(ZoneInfo(current_agent.get().timezone)).date()
    return " ".join((_("Calls"), today.isoformat()))


def _header() -> Row:
    """Headings, in the order of `_Writer.row`."""
    return (
        *(_("Start"), _("Direction"), _("Contact"), _("Number"), _("Our number"), _("Queue")),
        *(_("Agent"), _("Result"), _("Waited (s)"), _("Talked (s)"), _("On hold (s)")),
        *(_("Disposition"), _("Outcome"), _("Note"), _("Tenant"), _("Call")),
    )


def _rows() -> Iterator[Row]:
    agent = current_agent.get()
    wanted = filter_form.read(request.args, agent).wanted
    writer = _Writer(agent)
    before = None
    while found := calls.matching(wanted, before=before, limit=BATCH):
        before = found[-1].cursor
        rows = [writer.row(call) for call in found]
        db.session.close()
        yield from rows


class _Writer:
    """Turns calls into rows; the words are looked up once, not for each call."""

    def __init__(self, agent: CurrentAgent) -> None:
        self._zone = ZoneInfo(agent.timezone)
        self._agents = AgentNames()
        self._directions = {code: str(word) for code, word in DIRECTIONS}
        self._results = {code: str(word) for code, word in RESULTS.items()}
        self._outcomes = OutcomeNames()

    def row(self, call: Call) -> Row:
        """A call; its number only where people may see it."""
        result = calls.result_of(call)
        undated = call.started_at == UNDATED
        notes = call_notes.lines_of(call)
        if len(notes) == 1 and notes[0].author_id in (None, call.agent_id):
            written = notes[0].text  # the row says who wrote it
        else:
            written = "\n".join(
                f"{note.author}, {note.at.astimezone(self._zone):%Y-%m-%d %H:%M}: {note.text}"
                for note in notes
            )
        return (
            None if undated else call.started_at.astimezone(self._zone),
            self._directions.get(call.direction or "", ""),
            call_lines.name_of(call),
            call.shown_number,
            call.line,
            call.queue,
            self._agents.of_call(call),
            self._results.get(result, result),
            *(call.wait_seconds, call.talk_seconds, call.hold_seconds),
            call.disposition,
            self._outcomes.of(call.tenant_id, call.outcome),
            written,
            call.tenant.name,
            call.id,
        )
