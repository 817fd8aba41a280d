"""Plays one scenario at a time: a step when its moment has come, and everything back at its end.

The switchboard owns one `Stage`; `console_scenarios` starts and stops it. A scenario rings, waits
for what the person at the desk does, plays the far side and sets switches - through the same calls
as the console, so it can do nothing that a person could not. Nobody at the desk is needed when it
plays by itself.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from crm.simulator.call_control import CallControl
from crm.simulator.call_steps import NotPossibleError
from crm.simulator.calls import UP, Call, CallState
from crm.simulator.exchange import Exchange
from crm.simulator.numbers import wire_form
from crm.simulator.scenario_files import Scenario, Step
from crm.simulator.seed import Agent, Tenant
from crm.simulator.softphones import Softphone

LOOKS_EVERY_SECONDS = 0.1
WAITS_SECONDS = 600.0
# How long the simulator lets things be seen before it does what the agent would.
BY_ITSELF_AFTER_SECONDS = 2.0
BEING_DIALLED = frozenset({CallState.CHOOSING, CallState.DIALLING, CallState.CALLING})


@dataclass(eq=False)
class Run:
    """A scenario that is played, or was. at: the step that it is at, from 0. state: "playing",
    "done", "stopped" or "failed"; why: the sentence of a failure.
    """

    scenario: Scenario
    tenant: Tenant
    agent: Agent
    by_itself: bool
    since: datetime  # when the step began
    at: int = 0
    state: str = "playing"
    why: str = ""
    has_helped: bool = False  # has the simulator done what the agent would at this step?
    calls: dict[str, Call] = field(default_factory=dict)
    switches_before: dict[str, Any] = field(default_factory=dict)
    softphones: list[Softphone] = field(default_factory=list)


class Board(Protocol):
    """What the stage needs of the switchboard beside its exchange."""

    control: CallControl

    def open_softphone(self, agent: Agent) -> Softphone:
        """One without a browser."""

    def expire_sessions(self, agent_email: str | None = None) -> int:
        """End the sessions of one agent, or of all."""


class Stage:
    """The scenario that is played, or was played last: `run`."""

    def __init__(self, board: Board, exchange: Exchange) -> None:
        self._board = board
        self._exchange = exchange
        self.run: Run | None = None

    def play(self, scenario: Scenario, tenant: Tenant, agent: Agent, *, by_itself: bool) -> Run:
        """Begin, with that agent at the desk. Raises NotPossibleError when one is played already,
        or when the agent has no softphone open and it is not played by itself.
        """
        with self._exchange.changed:
            if self.run is not None and self.run.state == "playing":
                raise NotPossibleError("Another scenario is played. Stop it first.")
            has_softphone = self._exchange.softphones.of_agent(agent.email) is not None
            if not has_softphone and not by_itself:
                raise NotPossibleError(
                    "This agent has no softphone open. Log in to the CRM as this agent, "
                    "or let the simulator answer."
                )
            now = self._exchange.clock()
            self.run = run = Run(scenario, tenant, agent, by_itself, since=now)
            if not has_softphone:
                run.softphones.append(self._board.open_softphone(agent))
            self._go_on(run)
            return run

    def stop(self) -> None:
        """End it in the middle: its callers hang up, its switches go back."""
        with self._exchange.changed:
            if self.run is not None and self.run.state == "playing":
                self._finish(self.run, "stopped")

    def forget(self) -> None:
        """Stop, and show none: the simulator is reset."""
        self.stop()
        self.run = None

    def _go_on(self, run: Run) -> None:
        """Do all steps whose moment has come, and look again soon."""
        with self._exchange.changed:
            if run.state != "playing":
                return
            steps = run.scenario.steps
            try:
                while run.at < len(steps) and self._is_done(run, steps[run.at]):
                    run.at, run.has_helped = run.at + 1, False
                    run.since = self._exchange.clock()
            except NotPossibleError as error:
                self._finish(run, "failed", str(error))
                return
            if run.at == len(steps):
                self._finish(run, "done")
            else:
                self._exchange.timers.after(LOOKS_EVERY_SECONDS, lambda: self._go_on(run))

    def _finish(self, run: Run, state: str, why: str = "") -> None:
        run.state, run.why = state, why
        self._exchange.switches.change(run.switches_before)
        if state != "done":
            for call in map(self._leg_now, run.calls.values()):
                if call.state is CallState.CHOOSING:
                    self._board.control.hang_up(call)
                elif call.state is not CallState.ENDED:
                    self._board.control.far_side(call, "hang-up")
        for softphone in run.softphones:
            softphone.streams = 0
        self._exchange.changed.notify_all()

    def _is_done(self, run: Run, step: Step) -> bool:
        """Do the step, or see whether what it waits for has happened."""
        if step.action == "pause":
            return self._seconds_in(run) >= float(step.value)
        if step.action == "wait":
            return self._has_come(run, step)
        do: dict[str, Callable[[Run, Step], None]] = {
            "ring": self._ring,
            "far_side": self._far_side,
            "press": self._press,
            "switches": self._set_switches,
            "expire": self._expire,
            "softphone": self._open_softphone,
        }
        do[step.action](run, step)
        return True

    def _ring(self, run: Run, step: Step) -> None:
        options, control = step.options, self._board.control
        agent = self._colleague(run) if options.get("to") == "colleague" else run.agent
        masked, queue = options.get("masked", False), options.get("queue", "")
        if options.get("ivr"):
            call = control.reach_ivr(run.tenant, agent, step.value, masked=masked)
        else:
            call = control.ring(
                run.tenant,
                agent,
                step.value,
                masked=masked,
                # A queue of another tenant's: the first of this one.
                queue=queue if queue in run.tenant.queues else "",
                waits=options.get("waits", False),
            )
        self._remember(run, step, call)

    def _far_side(self, run: Run, step: Step) -> None:
        self._board.control.far_side(self._call(run, step), step.value)

    def _press(self, run: Run, step: Step) -> None:
        call, control = self._call(run, step), self._board.control
        if step.value == "transfer":
            control.transfer(call, self._colleague(run))
            return
        presses: dict[str, Callable[[Call], None]] = {
            "answer": control.answer,
            "reject": control.reject,
            "hang-up": control.hang_up,
            "hold": control.hold,
            "unhold": control.unhold,
        }
        presses[step.value](call)

    def _set_switches(self, run: Run, step: Step) -> None:
        now = self._exchange.switches.as_dict()
        run.switches_before = {name: now[name] for name in step.value} | run.switches_before
        self._exchange.switches.change(step.value)

    def _expire(self, run: Run, step: Step) -> None:
        self._board.expire_sessions(run.agent.email if step.value == "agent" else None)

    def _open_softphone(self, run: Run, _step: Step) -> None:
        colleague = self._colleague(run)
        if self._exchange.softphones.of_agent(colleague.email) is None:
            run.softphones.append(self._board.open_softphone(colleague))

    def _has_come(self, run: Run, step: Step) -> bool:
        if step.value == "dialled":
            call = self._new_dial(run, step)
            if call is not None:
                self._remember(run, step, call)
                return True
        elif self._is_so(run, step):
            return True
        if self._seconds_in(run) >= step.options.get("seconds", WAITS_SECONDS):
            raise NotPossibleError("It waited too long for this step.")
        is_time = self._seconds_in(run) >= BY_ITSELF_AFTER_SECONDS
        if run.by_itself and is_time and not run.has_helped:
            run.has_helped = True
            self._do_what_the_agent_would(run, step)
        return False

    def _is_so(self, run: Run, step: Step) -> bool:
        call, before = self._call(run, step), run.calls[step.options.get("call", "")]
        if step.value == "transferred":
            if call is not before:
                self._remember(run, step, call)
                return True
        elif call.state.value == step.value:
            return True
        if call.state is CallState.ENDED:
            raise NotPossibleError("The call was over before this step.")
        return False

    def _do_what_the_agent_would(self, run: Run, step: Step) -> None:
        """Answer, hold, transfer, hang up or dial, so that what is waited for comes."""
        control = self._board.control
        if step.value == "dialled":
            softphone = self._exchange.softphones.of_agent(run.agent.email)
            if softphone is not None:
                control.dial(softphone, step.options.get("number", run.tenant.line))
            return
        call = self._call(run, step)
        if step.value == "talking" and call.state is CallState.RINGING:
            control.answer(call)
        elif step.value == "talking" and call.state is CallState.HELD:
            control.unhold(call)
        elif step.value == "held" and call.state is CallState.TALKING:
            control.hold(call)
        elif step.value == "transferred" and call.state in UP:
            control.transfer(call, self._colleague(run))
        elif step.value == "ended":
            control.hang_up(call)

    def _new_dial(self, run: Run, step: Step) -> Call | None:
        """The agent's newest dial that the scenario has not met yet, to that number if it says
        one.
        """
        number = step.options.get("number")
        for call in reversed(self._exchange.open_calls()):
            is_new = not call.inbound and call not in run.calls.values()
            is_wanted = number is None or call.number == wire_form(number, run.tenant)
            if is_new and is_wanted and call.agent == run.agent and call.state in BEING_DIALLED:
                return call
        return None

    def _remember(self, run: Run, step: Step, call: Call) -> None:
        """Under its name, and as the one that the steps after it are about."""
        run.calls[step.options.get("call", "")] = call
        run.calls[""] = call

    def _call(self, run: Run, step: Step) -> Call:
        return self._leg_now(run.calls[step.options.get("call", "")])

    def _leg_now(self, call: Call) -> Call:
        """The call, or the leg at the colleague to whom it was handed on."""
        if call.state is not CallState.ENDED:
            return call
        for leg in self._exchange.open_calls():
            if leg.activecallkey == call.activecallkey:
                return leg
        return call

    def _colleague(self, run: Run) -> Agent:
        """The first of the agent's colleagues."""
        for agent in run.tenant.agents:
            if agent != run.agent:
                return agent
        raise NotPossibleError("This agent has no colleague. Choose an agent of another tenant.")

    def _seconds_in(self, run: Run) -> float:
        return (self._exchange.clock() - run.since).total_seconds()
