"""How calls move: ring, dial, answer, hold, hang up, and what the far side does.

Called through `switchboard.control` by the API, the softphone page, the console and timers. The
vendor's messages come in the order of public clients: inbound IncomingCall, Accept, Talking,
Hangup; outbound Dial, OutgoingActiveCallKey, Accept, Talking, Hangup.
"""

from crm.simulator import calls
from crm.simulator.call_steps import CallSteps, NotPossibleError
from crm.simulator.calls import UP, Call, CallState
from crm.simulator.exchange import Exchange
from crm.simulator.keys import queue_key
from crm.simulator.seed import Agent, Tenant
from crm.simulator.sessions import Session
from crm.simulator.softphones import Softphone

DIAL_AFTER_SECONDS = 0.2
MOST_KEYS = 40
BEING_CALLED = frozenset({CallState.DIALLING, CallState.CALLING})

# What the far side can do to a dial: Asterisk's dial status and the Q.850 cause.
REFUSALS = {
    "refuse": ("BUSY", "21"),
    "busy": ("BUSY", "17"),
    "no-answer": ("NOANSWER", "19"),
    "unreachable": ("CHANUNAVAIL", "20"),
    "congestion": ("CONGESTION", "34"),
}
FAR_SIDE_ACTIONS = frozenset({"answer", "hang-up", "offer", *REFUSALS})
NORMAL = "16"


class CallControl:
    """The steps of calls. Every public method takes the switchboard's lock."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._steps = CallSteps(exchange)

    def ring(
        self,
        tenant: Tenant,
        agent: Agent,
        number: str,
        *,
        masked: bool = False,
        queue: str = "",
        waits: bool = False,
    ) -> Call:
        """A caller wants that agent. Without an open softphone, or while the agent is on break,
        the caller waits in the queue; `waits`: in any case, until somebody offers the call.
        """
        with self._exchange.changed:
            call = self._steps.new_call(tenant, agent, number, inbound=True, masked=masked)
            call.queue = queue or tenant.queues[0]
            call.queuekey = queue_key(tenant.name, call.queue)
            if not waits:
                self.offer(call)
            return call

    def reach_ivr(self, tenant: Tenant, agent: Agent, number: str, *, masked: bool = False) -> Call:
        """A caller listens to the announcement and is in no queue yet; nothing rings."""
        with self._exchange.changed:
            call = self._steps.new_call(tenant, agent, number, inbound=True, masked=masked)
            call.state = CallState.IVR
            return call

    def offer(self, call: Call, agent: Agent | None = None) -> None:
        """Ring the agent's softphone, perhaps again, or another agent's; the key stays the same."""
        with self._exchange.changed:
            if call.state is not CallState.QUEUED:
                raise NotPossibleError("Only a waiting caller can be offered to the agent.")
            call.agent = agent or call.agent
            softphone = self._exchange.softphones.of_agent(call.agent.email)
            if softphone is not None and call.agent.email not in self._exchange.on_break:
                call.state, call.softphone, call.assigned = CallState.RINGING, softphone, True
                self._steps.tell(call, calls.incoming_call(call))

    def offer_waiting(self, softphone: Softphone) -> None:
        """Offer the new page every caller who waits for its agent, or rang a page that is gone."""
        with self._exchange.changed:
            for call in self._exchange.open_calls():
                if call.agent != softphone.session.agent:
                    continue
                if call.state is CallState.RINGING and call.stranded:
                    call.state, call.softphone = CallState.QUEUED, None
                if call.state is CallState.QUEUED:
                    self.offer(call)

    def take_break(self, agent: Agent, *, on_break: bool) -> None:
        """On break no call is offered to the agent; after it, whoever waits for them is. What is
        ringing or up stays, and dialling works. How the vendor does it is not known.
        """
        with self._exchange.changed:
            if on_break:
                self._exchange.on_break.add(agent.email)
            else:
                self._exchange.on_break.discard(agent.email)
            for page in self._exchange.softphones.everyone():
                if page.session.agent == agent:
                    page.tell(on_break=on_break)
            softphone = self._exchange.softphones.of_agent(agent.email)
            if softphone is not None and not on_break:
                self.offer_waiting(softphone)
            self._exchange.changed.notify_all()

    def key_in(self, call: Call, digits: str) -> None:
        """Keys pressed during a call: tones to the far side. No message tells of them."""
        with self._exchange.changed:
            self._must_be(call, CallState.TALKING, "Only a call that is up takes keys.")
            call.keyed = (call.keyed + digits)[-MOST_KEYS:]
            self._steps.tell(call)

    def click2call(
        self,
        session: Session,
        number: str,
        *,
        transaction_id: str = "",
        hangup_url: str = "",
        choose_queue: bool = False,
        masked: bool = False,
    ) -> None:
        """Take the wish and return at once; nothing follows when no softphone is open, or when
        the number has no digit in it.
        """

        def start() -> None:
            with self._exchange.changed:
                softphone = self._exchange.softphones.of_agent(session.agent.email)
                sensible = any(character.isdigit() for character in number)
                if softphone is None or not sensible or not self._exchange.room_for_calls():
                    return
                call = self._outbound(softphone, number, masked=masked)
                call.click2call, call.hangup_url = True, hangup_url
                call.transaction_id = transaction_id
                call.uniqueid = transaction_id or call.uniqueid
                if choose_queue:
                    call.state = CallState.CHOOSING
                    self._steps.tell(call)
                else:
                    self._steps.dial(call)

        self._exchange.timers.after(DIAL_AFTER_SECONDS, start)

    def dial(self, softphone: Softphone, number: str) -> Call:
        """The agent dials on the softphone's own pad: no transaction id, no hangup_url."""
        with self._exchange.changed:
            call = self._outbound(softphone, number)
            self._steps.dial(call)
            return call

    def choose_queue(self, call: Call, queue: str) -> None:
        """The agent picked the queue of a click2call with selected_queue; now it is dialled."""
        with self._exchange.changed:
            if call.state is not CallState.CHOOSING or queue not in call.tenant.queues:
                raise NotPossibleError("This call does not wait for a queue of that name.")
            call.queue, call.queuekey = queue, queue_key(call.tenant.name, queue)
            self._steps.dial(call)

    def answer(self, call: Call) -> None:
        """The agent takes a ringing call; one that is up goes on hold."""
        with self._exchange.changed:
            self._must_be(call, CallState.RINGING, "This call does not ring any more.")
            self._steps.talk(call)

    def reject(self, call: Call) -> None:
        """The agent does not want it: the call ends, or waits to be offered again."""
        with self._exchange.changed:
            self._must_be(call, CallState.RINGING, "This call does not ring any more.")
            if self._exchange.switches.after_reject == "queue":
                call.state = CallState.QUEUED
                self._steps.tell(call, calls.hangup(call))
                call.softphone = None
            else:
                self._steps.end(call, "NOANSWER", NORMAL)

    def hang_up(self, call: Call) -> None:
        """The agent ends the call, in whatever state it is."""
        with self._exchange.changed:
            if call.state is CallState.CHOOSING:
                self._steps.drop(call)
            elif call.state is CallState.RINGING:
                self.reject(call)
            elif call.state is not CallState.ENDED:
                self._steps.end(call, "ANSWER" if call.talked else "CANCEL", NORMAL)

    def hold(self, call: Call) -> None:
        """Put a talking call on hold."""
        with self._exchange.changed:
            self._must_be(call, CallState.TALKING, "Only a call that is up can be put on hold.")
            self._steps.hold(call)
            self._steps.tell(call)

    def unhold(self, call: Call) -> None:
        """Take a call back from hold; another one that is up goes on hold."""
        with self._exchange.changed:
            self._must_be(call, CallState.HELD, "This call is not on hold.")
            self._steps.unhold(call)
            self._steps.tell(call)

    def transfer(self, call: Call, agent: Agent) -> None:
        """Hand a call that is up on to a colleague, whose softphone rings; without one it waits."""
        with self._exchange.changed:
            if call.state not in UP:
                raise NotPossibleError("Only a call that is up can be handed on.")
            if agent not in call.colleagues:
                raise NotPossibleError("It can be handed on to a colleague of the same tenant.")
            self.offer(self._steps.hand_on(call, agent))

    def far_side(self, call: Call, action: str) -> None:
        """One of FAR_SIDE_ACTIONS. Raises NotPossibleError when it does not fit."""
        with self._exchange.changed:
            if action == "offer":
                self.offer(call)
            elif action == "hang-up":
                if call.state in (CallState.ENDED, CallState.CHOOSING):
                    raise NotPossibleError("There is no far side any more.")
                unanswered = "NOANSWER" if call.inbound else "BUSY"
                self._steps.end(call, "ANSWER" if call.talked else unanswered, NORMAL)
            elif call.state not in BEING_CALLED:
                raise NotPossibleError("The far side is not being called.")
            else:
                self._steps.tell_key(call)
                if action == "answer":
                    self._steps.talk(call)
                else:
                    self._steps.end(call, *REFUSALS[action])

    def drop_all(self) -> None:
        """End every call without a record; each page is told its `Hangup`."""
        with self._exchange.changed:
            for call in self._exchange.open_calls():
                self._steps.drop(call, calls.hangup(call))

    def _outbound(self, softphone: Softphone, number: str, *, masked: bool = False) -> Call:
        session = softphone.session
        call = self._steps.new_call(
            session.tenant, session.agent, number, inbound=False, masked=masked
        )
        call.softphone, call.assigned = softphone, True
        return call

    @staticmethod
    def _must_be(call: Call, state: CallState, otherwise: str) -> None:
        if call.state is not state:
            raise NotPossibleError(otherwise)
