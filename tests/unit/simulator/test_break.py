"""An agent on break is offered nothing; keys pressed during a call reach the console alone."""

from crm.simulator.seed import DEMO
from tests.unit.simulator.world import AYSE, World

MEHMET = "mehmet@demo.example"


def go_on_break(world: World, email: str = AYSE, *, on_break: bool = True) -> None:
    path = f"/console/api/softphones/{email}/break"
    answer = world.client.post(path, json={"on_break": on_break})
    assert answer.status_code == 204


def active(world: World, session: str) -> list[str]:
    calls = world.ask("getmyactivecalls", session=session)["MyActiveCalls"]
    return [call["status"] for call in calls]


def test_on_break_nothing_rings_and_whoever_waited_is_offered_after_it(world: World) -> None:
    session = world.open_softphone()
    go_on_break(world)
    call = world.ring()
    assert (call["state"], world.messages(), active(world, session)) == ("queued", [], [])
    assert world.state()["tenants"][0]["agents"][0]["softphone"] == "break"
    go_on_break(world, on_break=False)
    assert (world.call()["state"], active(world, session)) == ("ringing", ["ringing"])
    assert world.message_types() == ["IncomingCall"]


def test_a_caller_who_gives_up_during_the_break_was_never_at_the_agent(world: World) -> None:
    world.open_softphone()
    go_on_break(world)
    call = world.ring()
    world.time.pass_seconds(20)
    world.far_side(call, "hang-up")
    record = world.record(call)
    assert (record["agentid"], record["assigned"], record["abandon"]) == ("", False, True)
    assert (record["waitduration"], record["duration"]) == (20, None)


def test_a_break_that_begins_during_a_call_leaves_it_alone_and_dialling_works(world: World) -> None:
    session = world.open_softphone()
    call = world.ring()
    world.agent(call, "answer")
    go_on_break(world)
    assert active(world, session) == ["talking"]
    world.agent(call, "hang-up")
    assert world.record(call)["disposition"] == "ANSWER"
    world.dial(session)
    assert world.message_types()[-1] == "Dial"


def test_a_call_handed_on_to_a_colleague_on_break_waits_for_them(world: World) -> None:
    first, second = world.open_softphone(), world.open_softphone(MEHMET)
    go_on_break(world, MEHMET)
    call = world.ring()
    world.agent(call, "answer")
    world.console(f"calls/{call['id']}/softphone/transfer", agent=MEHMET)
    assert world.call()["state"] == "queued"
    assert (active(world, first), active(world, second)) == ([], [])
    go_on_break(world, MEHMET, on_break=False)
    assert active(world, second) == ["ringing"]
    world.agent(world.call(), "answer")
    world.time.pass_seconds(9)
    world.agent(world.call(), "hang-up")
    world.time.pass_seconds(2)
    found = world.records(activecallkey=call["activecallkey"])
    legs = {(leg["agentid"], leg["transferred"], leg["duration"]) for leg in found}
    assert legs == {(AYSE, 1, 0), (MEHMET, 0, 9)}


def test_keys_pressed_during_a_call_are_shown_and_change_no_message_and_no_record(
    world: World,
) -> None:
    world.open_softphone()
    call = world.ring()
    path = f"/console/api/calls/{call['id']}/softphone/keys"
    assert world.client.post(path, json={"digits": "1"}).status_code == 409
    world.agent(call, "answer")
    for digit in "12#":
        world.console(f"calls/{call['id']}/softphone/keys", digits=digit)
    assert world.call()["keyed"] == "12#"
    assert world.message_types() == ["IncomingCall", "Accept", "Talking"]
    world.agent(call, "hang-up")
    assert "12#" not in str(world.record(call).values())


def test_a_new_page_of_an_agent_on_break_is_told_so(world: World) -> None:
    go_on_break(world)
    session = world.board.session(world.session())
    assert session is not None
    assert session.tenant is DEMO
    assert world.board.connect("p1", session).events[0].data["on_break"] is True
