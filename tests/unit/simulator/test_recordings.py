"""Recordings: parts of them, too early, and an address that leads elsewhere."""

import io
import wave
from typing import Any

import pytest

from tests.unit.simulator.world import World


def answered_call(world: World) -> str:
    """The path of the recording of a call that Ayşe took."""
    world.open_softphone()
    call = world.ring()
    world.agent(call, "answer")
    world.time.pass_seconds(9)
    world.agent(call, "hang-up")
    return f"/recordings/{call['activecallkey']}"


def part(world: World, path: str, wanted: str) -> Any:
    return world.client.get(path, headers={"Range": f"bytes={wanted}"})


def test_it_is_some_seconds_of_sound(world: World) -> None:
    answer = world.client.get(answered_call(world))
    assert (answer.status_code, answer.mimetype) == (200, "audio/wav")
    assert answer.headers["Accept-Ranges"] == "bytes"
    with wave.open(io.BytesIO(answer.data)) as sound:
        assert 5 <= sound.getnframes() / sound.getframerate() <= 20
        assert max(sound.readframes(2000)) > 0


def test_a_part_of_it_can_be_had(world: World) -> None:
    path = answered_call(world)
    whole = world.client.get(path).data
    middle = part(world, path, "1000-1999")
    assert (middle.status_code, middle.data) == (206, whole[1000:2000])
    assert middle.headers["Content-Range"] == f"bytes 1000-1999/{len(whole)}"
    assert middle.headers["Content-Length"] == "1000"
    assert part(world, path, "-10").data == whole[-10:]
    assert part(world, path, f"{len(whole) - 5}-").data == whole[-5:]


def test_a_part_beyond_the_end_is_416(world: World) -> None:
    assert part(world, answered_call(world), "9999999-").status_code == 416


def test_it_is_not_there_yet_and_then_it_is(world: World) -> None:
    world.console("switches", recording_delay=5)
    path = answered_call(world)
    world.time.pass_seconds(4)
    assert world.client.get(path).status_code == 404
    world.time.pass_seconds(1)
    assert world.client.get(path).status_code == 200
    assert world.state()["faults"] == {"recordings_missing": 1}


@pytest.mark.parametrize("path", ["/recordings/nobody", "missed"])
def test_a_call_that_nobody_took_has_none(world: World, path: str) -> None:
    if path == "missed":
        call = world.ring()
        world.far_side(call, "hang-up")
        world.time.pass_seconds(5)
        path = f"/recordings/{call['activecallkey']}"
    assert world.client.get(path).status_code == 404


def test_it_can_lead_to_another_host_and_whoever_follows_is_counted(world: World) -> None:
    path = answered_call(world)
    world.console("switches", recordings_answer="redirect")
    answer = world.client.get(path, base_url="http://127.0.0.1:5001")
    assert answer.status_code == 302
    target = answer.headers["Location"]
    assert target.startswith("http://localhost:5001/elsewhere/")
    assert "recordings_fetched_elsewhere" not in world.state()["faults"]
    assert world.client.get(target).status_code == 200
    assert world.state()["faults"]["recordings_fetched_elsewhere"] == 1
