"""What the console shows, as JSON. Called by `console_api`."""

from typing import Any

from crm.simulator.calls import UP, Call, CallState
from crm.simulator.cdr import Record
from crm.simulator.hangup_posts import HangupPost
from crm.simulator.languages import language
from crm.simulator.scenario_files import Scenario, in_language
from crm.simulator.seed import Agent
from crm.simulator.stage import Run
from crm.simulator.switchboard import Switchboard
from crm.simulator.switches import Switches

RECORDS_SHOWN = 12
RECORD_FIELDS = (
    *("inbound", "answered", "callerid", "called_num", "calldate", "duration"),
    *("disposition", "agent", "queue", "uniqueid"),
)
RINGS = frozenset({CallState.RINGING, CallState.CALLING, CallState.DIALLING, CallState.CHOOSING})


def state_of(board: Switchboard) -> dict[str, Any]:
    """Tenants with agents, open calls, the newest records and hangup POSTs, switches."""
    with board.changed:
        newest = board.records.newest(RECORDS_SHOWN)
        return {
            "tenants": [
                {
                    "name": tenant.name,
                    "host": tenant.host,
                    "agents": [_agent(board, agent) for agent in tenant.agents],
                }
                for tenant in board.tenants
            ],
            "calls": [call_state(call) for call in board.open_calls()],
            "records": [_record(record) for record in newest],
            "records_count": board.records.count(),
            "hangup_posts": [_post(post) for post in board.hangup_posts.recent],
            "notification_steps": {
                name: step.method for name, step in board.notifications.steps.items()
            },
            "notifications": [_notification(post) for post in board.notifications.recent],
            "switches": board.switches.as_dict(),
            "switched": switched(board.switches),
            "faults": dict(board.faults),
            "logins": dict(board.sessions.opened),
            "scenario": board.stage.run and run_state(board.stage.run),
        }


def switched(switches: Switches) -> list[str]:
    """The switches that are not as at the start."""
    first = Switches().as_dict()
    return [name for name, value in switches.as_dict().items() if value != first[name]]


def call_state(call: Call) -> dict[str, Any]:
    """One call; `stranded` says that its softphone page is gone."""
    return call.for_page() | {
        "activecallkey": call.activecallkey,
        "real_number": call.number,
        "tenant": call.tenant.name,
        "agent": call.agent.email,
        "agent_name": call.agent.name,
        "transaction_id": call.transaction_id,
        "stranded": call.stranded,
        "colleagues": [{"email": one.email, "name": one.name} for one in call.colleagues],
    }


def run_state(run: Run) -> dict[str, Any]:
    """The scenario that is played or was; its texts are told by `scenario_state`."""
    return {
        "name": run.scenario.name,
        "agent": run.agent.email,
        "by_itself": run.by_itself,
        "state": run.state,
        "why": run.why,
        "at": run.at,
        "steps": len(run.scenario.steps),
    }


def scenario_state(scenario: Scenario) -> dict[str, Any]:
    """A scenario and its steps, in the language of the request."""
    spoken = language()
    return {
        "name": scenario.name,
        "group": scenario.group,
        "title": in_language(scenario.title, spoken),
        "about": in_language(scenario.about, spoken),
        "see": in_language(scenario.see, spoken),
        "steps": [
            {
                "does": step.action,
                "say": in_language(step.say, spoken),
                "see": in_language(step.see, spoken),
            }
            for step in scenario.steps
        ],
    }


def _agent(board: Switchboard, agent: Agent) -> dict[str, Any]:
    return {"email": agent.email, "name": agent.name, "softphone": softphone_state(board, agent)}


def softphone_state(board: Switchboard, agent: Agent) -> str:
    """offline, ready, break, ringing or talking."""
    if board.softphones.of_agent(agent.email) is None:
        return "offline"
    states = {call.state for call in board.open_calls() if call.agent == agent}
    if states & UP:
        return "talking"
    if states & RINGS:
        return "ringing"
    return "break" if agent.email in board.on_break else "ready"


def _record(record: Record) -> dict[str, Any]:
    shown = {name: record.data[name] for name in RECORD_FIELDS}
    return shown | {"tenant": record.tenant.name, "activecallkey": record.activecallkey}


def _notification(post: HangupPost) -> dict[str, Any]:
    told = [f"{name}={text}" for name, text in post.form.items()]
    return {"url": post.shown_url, "told": told, "result": post.result}


def _post(post: HangupPost) -> dict[str, Any]:
    form = {name: post.form[name] for name in ("disposition", "duration", "transaction_id")}
    return form | {"url": post.shown_url, "result": post.result}
