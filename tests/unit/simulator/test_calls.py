"""How calls move, and what the softphone tells its parent about it."""

import pytest

from crm.simulator.seed import DEMO
from tests.unit.simulator.world import AYSE, World

INBOUND = ["IncomingCall", "Accept", "Talking", "Hangup"]
OUTBOUND = ["Dial", "OutgoingActiveCallKey", "Accept", "Talking", "Hangup"]


def test_an_inbound_call_is_told_in_order(world: World) -> None:
    world.open_softphone()
    call = world.ring()
    world.agent(call, "answer")
    world.far_side(call, "hang-up")
    assert world.message_types() == INBOUND
    assert world.messages()[-1]["activecallkey"] == call["activecallkey"]


def test_an_outbound_call_is_told_in_order_and_answered_by_itself(world: World) -> None:
    session = world.open_softphone()
    assert world.dial(session) == {"success": True}
    assert world.message_types() == OUTBOUND[:1]
    world.time.pass_seconds(0.3)
    assert world.message_types() == OUTBOUND[:2]
    world.time.pass_seconds(2.5)
    world.ask("click2hang", session=session)
    assert world.message_types() == OUTBOUND
    assert world.messages()[-1]["activecallkey"] == world.messages()[1]["activecallkey"]


def test_click2call_answers_success_before_anything_happens(world: World) -> None:
    session = world.open_softphone()
    assert world.ask("click2call", session=session, phonenumber="05070000042")["success"] is True
    assert world.messages() == []


def test_nothing_follows_a_click2call_without_a_softphone(world: World) -> None:
    session = world.session()
    assert world.dial(session) == {"success": True}
    world.time.pass_seconds(10)
    assert world.board.open_calls() == []


def test_nothing_follows_a_click2call_of_no_number(world: World) -> None:
    assert world.dial(world.open_softphone(), phonenumber="reception") == {"success": True}
    assert world.messages() == []


def test_a_dial_that_ends_before_its_key_hangs_up_with_null(world: World) -> None:
    session = world.open_softphone()
    world.dial(session)
    world.ask("click2hang", session=session)
    world.time.pass_seconds(10)
    assert world.messages()[1:] == [{"messageType": "Hangup", "activecallkey": None}]


@pytest.mark.parametrize(
    ("action", "disposition"),
    [
        ("refuse", "BUSY"),
        ("busy", "BUSY"),
        ("no-answer", "NOANSWER"),
        ("unreachable", "CHANUNAVAIL"),
        ("congestion", "CONGESTION"),
    ],
)
def test_a_far_side_that_does_not_answer_leaves_its_disposition(
    world: World, action: str, disposition: str
) -> None:
    world.console("switches", far_side_answers_after=None)
    world.dial(world.open_softphone())
    world.time.pass_seconds(60)
    call = world.call()
    world.far_side(call, action)
    record = world.record(call)
    assert (record["answered"], record["disposition"]) == (None, disposition)
    assert world.message_types() == ["Dial", "OutgoingActiveCallKey", "Hangup"]


def test_a_second_call_rings_while_the_first_is_up_and_puts_it_on_hold(world: World) -> None:
    session = world.open_softphone()
    world.agent(world.ring(), "answer")
    second = world.ring("+447700900555")
    world.agent(second, "answer")
    answer = world.ask("getmyactivecalls", session=session)
    assert [call["status"] for call in answer["MyActiveCalls"]] == ["talking", "hold"]


def test_hold_seconds_stand_in_the_record(world: World) -> None:
    session = world.open_softphone()
    call = world.ring()
    world.agent(call, "answer")
    assert world.ask("click2hold", session=session)["success"] is True
    world.time.pass_seconds(30)
    assert world.ask("click2unhold", session=session)["success"] is True
    world.time.pass_seconds(12)
    assert world.ask("click2hang", session=session)["success"] is True
    record = world.record(call)
    assert (record["duration"], record["holdduration"]) == (42, 30)


def test_hold_without_a_call_is_a_failure(world: World) -> None:
    assert world.ask("click2hold", session=world.open_softphone())["success"] is False


def test_a_rejected_caller_can_be_offered_again_with_the_same_key(world: World) -> None:
    world.open_softphone()
    world.console("switches", after_reject="queue")
    call = world.ring()
    world.agent(call, "reject")
    world.far_side(call, "offer")
    assert world.message_types() == ["IncomingCall", "Hangup", "IncomingCall"]
    assert {message["activecallkey"] for message in world.messages()} == {call["activecallkey"]}


def test_a_rejected_caller_leaves_the_page_and_can_be_offered_to_another_agent(
    world: World,
) -> None:
    world.open_softphone()
    other = world.open_softphone("mehmet@demo.example")
    world.console("switches", after_reject="queue")
    call = world.ring()
    world.agent(call, "reject")
    (ayse, mehmet) = world.board.softphones.everyone()
    assert ayse.events[-1].data["calls"] == []
    world.console(f"calls/{call['id']}/far-side/offer", agent="mehmet@demo.example")
    assert mehmet.session.key == other
    assert mehmet.messages()[-1]["activecallkey"] == call["activecallkey"]


def test_a_caller_waits_until_the_agent_has_a_softphone(world: World) -> None:
    assert world.ring()["state"] == "queued"
    world.open_softphone()
    assert world.message_types() == ["IncomingCall"]


def test_a_call_outlives_its_softphone_page_until_the_far_side_ends_it(world: World) -> None:
    world.open_softphone()
    call = world.ring()
    world.agent(call, "answer")
    (softphone,) = world.board.softphones.everyone()
    world.board.leave(softphone)
    assert world.call()["stranded"] is True
    world.open_softphone()
    assert world.messages() == []
    world.far_side(call, "hang-up")
    assert world.record(call)["disposition"] == "ANSWER"


def test_a_ringing_call_moves_on_to_the_reloaded_page(world: World) -> None:
    world.open_softphone()
    call = world.ring()
    (softphone,) = world.board.softphones.everyone()
    world.board.leave(softphone)
    world.open_softphone()
    assert [m["activecallkey"] for m in world.messages()] == [call["activecallkey"]]


def test_a_masked_caller_is_resolved_by_the_api_only(world: World) -> None:
    session = world.open_softphone()
    call = world.console("ring", agent=AYSE, preset="masked")
    assert world.messages()[0]["number"] == "90532xxxxxxx"
    (active,) = world.ask("getmyactivecalls", session=session)["MyActiveCalls"]
    assert (active["key"], active["callerid"]) == (call["activecallkey"], "05320000001")
    one = world.ask("getactivecall", session=session, activecallkey=call["activecallkey"])
    assert one["callerid"] == "05320000001"
    world.far_side(call, "hang-up")
    assert world.record(call)["callerid"] == "05320000001"


def test_an_anonymous_caller_has_no_number_anywhere(world: World) -> None:
    session = world.open_softphone()
    call = world.console("ring", agent=AYSE, preset="anonymous")
    (active,) = world.ask("getmyactivecalls", session=session)["MyActiveCalls"]
    world.far_side(call, "hang-up")
    seen = [world.messages()[0]["number"], active["callerid"], world.record(call)["callerid"]]
    assert seen == ["anonymous"] * 3


def test_the_agent_picks_the_queue_when_asked_to(world: World) -> None:
    world.dial(world.open_softphone(), selected_queue="on")
    call = world.board.open_calls()[0]
    assert world.messages() == []
    world.board.control.choose_queue(call, "Sales")
    assert world.message_types() == ["Dial"]
    world.agent(world.call(), "hang-up")
    assert world.record({"activecallkey": call.activecallkey})["queue"] == "Sales"


def test_there_is_room_for_fifty_calls_and_no_more(world: World) -> None:
    for _ in range(50):
        world.ring()
    full = world.client.post("/console/api/ring", json={"agent": AYSE, "number": "0507"})
    assert full.status_code == 409
    world.dial(world.open_softphone())
    assert "Dial" not in world.message_types()


def test_a_recording_is_named_and_can_be_heard_once_the_record_is_there(world: World) -> None:
    session = world.open_softphone()
    call = world.ring()
    world.agent(call, "answer")
    world.far_side(call, "hang-up")
    key = call["activecallkey"]
    assert world.ask("getrecordingurl", session=session, callid=key)["success"] is False
    world.record(call)
    answer = world.ask("getrecordingurl", session=session, callid=key)
    assert answer["recordingurl"] == f"https://{DEMO.host}/recordings/{key}"
    assert world.client.get(f"/recordings/{key}").data[:4] == b"RIFF"


def test_the_demo_can_have_recordings_on_its_own_origin() -> None:
    world = World(recordings_at="http://127.0.0.1:5001")
    world.open_softphone()
    call = world.ring()
    world.agent(call, "answer")
    world.far_side(call, "hang-up")
    address = world.record(call)["recordingurl"]
    assert address == f"http://127.0.0.1:5001/recordings/{call['activecallkey']}"
