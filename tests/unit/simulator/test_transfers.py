"""A call that is handed on: two legs with one key, each with its record."""

from crm.simulator.history import past_records
from crm.simulator.seed import DEMO
from tests.unit.simulator.world import AYSE, NOON_IN_ISTANBUL, World

MEHMET = "mehmet@demo.example"


def handed_on(world: World) -> dict[str, object]:
    """Ayşe has talked for 30 seconds and hands the call on to Mehmet, whose softphone rings."""
    world.open_softphone()
    world.open_softphone(MEHMET)
    call = world.ring()
    world.time.pass_seconds(5)
    world.agent(call, "answer")
    world.time.pass_seconds(30)
    world.console(f"calls/{call['id']}/softphone/transfer", agent=MEHMET)
    leg: dict[str, object] = world.state()["calls"][0]
    assert leg["activecallkey"] == call["activecallkey"]
    return leg


def records(world: World, leg: dict[str, object]) -> list[tuple[object, ...]]:
    key = str(leg["activecallkey"])
    found = world.board.records.find(DEMO, "activecallkey", key, unreadable_too=True)
    names = ("agentid", "duration", "answered", "transferred", "uniqueid")
    return [tuple(one.data[name] for name in names) for one in found]


def test_the_colleagues_softphone_rings_with_the_same_key(world: World) -> None:
    leg = handed_on(world)
    assert world.message_types() == ["IncomingCall", "Accept", "Talking", "Hangup"]
    world.time.pass_seconds(4)
    world.agent(leg, "answer")
    world.time.pass_seconds(20)
    world.far_side(leg, "hang-up")
    told = world.messages(MEHMET)
    assert [message["messageType"] for message in told] == world.message_types()
    assert {message["activecallkey"] for message in told if "activecallkey" in message} == {
        leg["activecallkey"]
    }
    uniqueid = records(world, leg)[0][4]
    assert records(world, leg) == [
        (AYSE, 30, True, 1, uniqueid),
        (MEHMET, 20, True, 0, uniqueid),
    ]


def test_nobody_answers_the_transfer(world: World) -> None:
    leg = handed_on(world)
    world.far_side(leg, "hang-up")
    assert [record[:3] for record in records(world, leg)] == [
        (AYSE, 30, True),
        (MEHMET, None, False),
    ]


def test_only_a_call_that_is_up_is_handed_on_and_only_to_a_colleague(world: World) -> None:
    world.open_softphone()
    call = world.ring()
    path = f"/console/api/calls/{call['id']}/softphone/transfer"
    assert world.client.post(path, json={"agent": MEHMET}).status_code == 409
    world.agent(call, "answer")
    for agent in (AYSE, "jonas@second.example"):
        assert world.client.post(path, json={"agent": agent}).status_code == 409
    assert world.state()["calls"][0]["state"] == "talking"


def test_the_invented_past_has_calls_that_were_handed_on() -> None:
    found = past_records(DEMO, NOON_IN_ISTANBUL, None)
    keys = [record.activecallkey for record in found]
    assert len(keys) > len(set(keys))
    assert len({record.data["callkey"] for record in found}) == len(found)
