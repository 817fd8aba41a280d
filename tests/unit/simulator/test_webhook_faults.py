"""Webhooks that are lost, doubled or late in a share of cases, and the hook for ended calls."""

import pytest

from crm.simulator.calls import Call
from tests.unit.simulator.world import World


def dial_and_end(world: World, times: int) -> None:
    session = world.open_softphone()
    for _ in range(times):
        world.dial(session, hangup_url="http://crm.test/hook/secret")
        world.ask("click2hang", session=session)


@pytest.mark.parametrize(("fault", "posts"), [("lost", 0), ("doubled", 2), ("late", 1)])
def test_a_share_of_the_hangup_posts_meets_a_fault_and_is_counted(
    world: World, fault: str, posts: int
) -> None:
    world.console("switches", **{f"webhooks_{fault}": 1.0, "webhooks_late_seconds": 5})
    dial_and_end(world, 1)
    world.time.pass_seconds(4)
    assert len(world.posts) == (0 if fault == "late" else posts)
    world.time.pass_seconds(1)
    assert len(world.posts) == posts
    assert world.state()["faults"] == {f"hangup_{fault}": 1}


def test_a_tenth_of_each_leaves_the_rest_as_it_is_and_hits_the_same_again(world: World) -> None:
    tenth = {"webhooks_lost": 0.1, "webhooks_doubled": 0.1, "webhooks_late": 0.1}
    counts = []
    for _ in range(2):
        world.console("reset")
        world.console("switches", **tenth)
        dial_and_end(world, 40)
        counts.append(world.state()["faults"])
    assert counts[0] == counts[1]
    assert set(counts[0]) == {"hangup_lost", "hangup_doubled", "hangup_late"}
    assert sum(counts[0].values()) < 30


def test_whoever_asks_is_told_of_each_ended_call_and_how_it_ended(world: World) -> None:
    ended: list[Call] = []
    world.board.call_ended.append(ended.append)
    call = world.ring()
    world.far_side(call, "hang-up")
    (told,) = ended
    assert (told.queue, told.assigned, told.talked, told.disposition) == (
        "Support",
        False,
        None,
        "NOANSWER",
    )
