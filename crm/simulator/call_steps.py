"""The single steps that calls are moved by, and what each tells the softphone page.

Only `call_control` uses them; it holds the switchboard's lock and checks that a step fits.
"""

from dataclasses import replace
from datetime import timedelta

from crm.simulator import calls, hangup_posts
from crm.simulator.calls import Call, CallState, Message
from crm.simulator.cdr import record_of
from crm.simulator.exchange import Exchange
from crm.simulator.keys import new_key
from crm.simulator.numbers import ANONYMOUS, masked_form, wire_form
from crm.simulator.seed import Agent, Tenant


class NotPossibleError(Exception):
    """The step does not fit the call's state; the text says why, for a person."""


class CallSteps:
    """Each method changes one call and tells its page."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    def new_call(
        self, tenant: Tenant, agent: Agent, number: str, *, inbound: bool, masked: bool = False
    ) -> Call:
        """A call nobody has been told of yet. Raises NotPossibleError when too many are open."""
        exchange, now = self._exchange, self._exchange.clock()
        if not exchange.room_for_calls():
            raise NotPossibleError("As many calls are open as there may be.")
        number = wire_form(number, tenant)
        call_id = next(exchange.call_numbers)
        serial = f"{now.timestamp():.0f}.{call_id}"
        exchange.calls[call_id] = call = Call(
            id=call_id,
            tenant=tenant,
            agent=agent,
            inbound=inbound,
            number=number,
            shown=masked_form(number, tenant) if masked and number != ANONYMOUS else number,
            activecallkey=new_key(exchange.random, "call"),
            callkey=new_key(exchange.random, "record"),
            uniqueid=serial,
            callid=f"ast-1-{serial}",
            queue="",
            queuekey=None,
            started=now,
            state=CallState.QUEUED if inbound else CallState.DIALLING,
            key_told=inbound,
        )
        exchange.changed.notify_all()
        return call

    def dial(self, call: Call) -> None:
        """`Dial` now, the key a little later."""
        call.state = CallState.DIALLING
        self.hold_others(call)
        self.tell(call, calls.dial(call))
        self._exchange.timers.after(
            self._exchange.switches.key_after, lambda: self._far_side_rings(call)
        )

    def tell_key(self, call: Call) -> None:
        """`OutgoingActiveCallKey`, once."""
        if call.state is CallState.DIALLING:
            call.state, call.key_told = CallState.CALLING, True
            self.tell(call, calls.outgoing_active_call_key(call))

    def talk(self, call: Call) -> None:
        """Both sides hear each other: `Accept`, `Talking`."""
        self.hold_others(call)
        call.state, call.talked = CallState.TALKING, self._exchange.clock()
        self.tell(call, calls.ACCEPT)
        self.tell(call, calls.TALKING)

    def hold(self, call: Call) -> None:
        """The far side hears nothing."""
        call.state, call.held_since = CallState.HELD, self._exchange.clock()

    def unhold(self, call: Call) -> None:
        """Back to talking."""
        self.hold_others(call)
        self._count_hold(call)
        call.state = CallState.TALKING

    def hold_others(self, call: Call) -> None:
        """Only one call of a page has the agent's ear."""
        for other in self._exchange.open_calls():
            same_page = other.softphone is call.softphone
            if other is not call and same_page and other.state is CallState.TALKING:
                self.hold(other)

    def end(self, call: Call, disposition: str, cause: str) -> None:
        """The call is over: its record is kept, `Hangup` is told, the POST is sent."""
        self._close(call, disposition, cause)
        form, switches = hangup_posts.form_of(call), self._exchange.switches
        for _ in range(switches.hangup_posts if call.hangup_url else 0):
            self._exchange.deliver(
                "hangup",
                lambda: self._exchange.hangup_posts.post(call.hangup_url, form),
                delay=switches.hangup_post_delay,
            )
        for told in self._exchange.call_ended:
            told(call)

    def hand_on(self, call: Call, agent: Agent) -> Call:
        """This leg is over and has its record; the next one, with the same activecallkey, waits.

        Whether the vendor keeps a record for each leg is not known.
        """
        exchange = self._exchange
        call.transferred = 1
        self._close(call, "ANSWER", "16")
        leg = replace(
            call,
            id=next(exchange.call_numbers),
            agent=agent,
            callkey=new_key(exchange.random, "record"),
            started=exchange.clock(),
            state=CallState.QUEUED,
            softphone=None,
            assigned=False,
            key_told=True,
            talked=None,
            ended=None,
            held_seconds=0.0,
            disposition="",
            cause="",
            transferred=0,
            talked_earlier=True,
            keyed="",
        )
        exchange.calls[leg.id] = leg
        return leg

    def drop(self, call: Call, message: Message | None = None) -> None:
        """Take the call away without a record."""
        call.state = CallState.ENDED
        self._exchange.calls.pop(call.id, None)
        self.tell(call, message)

    def tell(self, call: Call, message: Message | None = None) -> None:
        """Tell the call's page what changed, with the vendor's message for its parent if any."""
        if call.softphone is not None:
            shown = self._exchange.calls_of_page(call.softphone)
            call.softphone.tell(message=message, calls=shown)
        self._exchange.changed.notify_all()

    def _close(self, call: Call, disposition: str, cause: str) -> None:
        exchange = self._exchange
        self._count_hold(call)
        call.ended, call.disposition, call.cause = exchange.clock(), disposition, cause
        available = call.ended + timedelta(seconds=exchange.switches.cdr_delay)
        exchange.keep(record_of(call, available=available, recordings_at=exchange.recordings_at))
        self.drop(call, calls.hangup(call))

    def _far_side_rings(self, call: Call) -> None:
        with self._exchange.changed:
            self.tell_key(call)
            seconds = self._exchange.switches.far_side_answers_after

            def answer() -> None:
                with self._exchange.changed:
                    by_itself = self._exchange.switches.far_side_answers_after is not None
                    if call.state is CallState.CALLING and by_itself:
                        self.talk(call)

            if call.state is CallState.CALLING and seconds is not None:
                self._exchange.timers.after(seconds, answer)

    def _count_hold(self, call: Call) -> None:
        if call.held_since is not None:
            held = self._exchange.clock() - call.held_since
            call.held_seconds += held.total_seconds()
            call.held_since = None
