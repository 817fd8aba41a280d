"""Agents whom the vendor names without an address, and two agents of one name."""

from typing import Any

import pytest
from flask import Flask

from crm import agents, calls
from crm.calls.reports import Period, report
from crm.extensions import db
from crm.models import Agent, Call
from tests.unit.calls_world import START, World, after, cdr, make_world


@pytest.fixture
def world(app: Flask) -> World:
    return make_world()


def recorded(world: World, key: str = "k", **changes: Any) -> Call:
    told = cdr(callkey=key, uniqueid=key, recordingurl="", **changes)
    call = calls.record_cdr(world.tenant, told, received_at=after(3600))
    db.session.commit()
    assert call is not None
    return call


@pytest.mark.parametrize(
    ("agent", "agentid", "shown"),
    [
        ("Ayşe Demir", "", "Ayşe Demir"),
        ("Ayşe Demir", None, "Ayşe Demir"),
        ("", "nobody@demo.example", "nobody@demo.example"),
        ("Ayşe Demir", "nobody@demo.example", "Ayşe Demir (nobody@demo.example)"),
        ("", "", ""),
    ],
)
def test_a_record_keeps_its_agent(
    world: World, agent: str, agentid: str | None, shown: str
) -> None:
    call = recorded(world, agent=agent, agentid=agentid)
    assert (call.agent_id, call.agent_name) == (None, shown)


def test_whom_the_record_only_names_the_softphone_knows(world: World) -> None:
    world.rings()
    world.message("Talking", 9)
    call = calls.record_cdr(world.tenant, cdr(agent="Ayşe D.", agentid=""), received_at=after(99))
    assert call is not None
    assert (call.agent_id, call.agent_name) == (world.ayse.id, "Ayşe D.")


@pytest.mark.both_databases
def test_two_agents_of_one_name_are_two_in_the_report(world: World) -> None:
    world.mehmet.name = " ayse "
    db.session.commit()
    for key, who in enumerate(
        [
            {"agentid": "ayse@demo.example"},
            {"agentid": "mehmet@demo.example"},
            {"agentid": "a1@demo.example", "agent": "Can"},
            {"agentid": "a2@demo.example", "agent": "Can"},
            {"agentid": "", "agent": "Jonas"},
        ]
    ):
        recorded(world, f"k{key}", **who)
    found = report([world.tenant], Period(START.date(), START.date())).agents
    assert sorted(one.name for one in found) == [
        " ayse  (mehmet@demo.example)",
        "Ayse (ayse@demo.example)",
        "Can (a1@demo.example)",
        "Can (a2@demo.example)",
        "Jonas",
    ]
    assert all(one.counts.answered == 1 for one in found)


def test_an_agent_is_told_apart_from_a_stranger_of_that_name(world: World) -> None:
    recorded(world, "a", agentid="ayse@demo.example")
    recorded(world, "b", agentid="", agent="Ayse")
    found = report([world.tenant], Period(START.date(), START.date())).agents
    assert {one.name for one in found} == {"Ayse", "Ayse (ayse@demo.example)"}


def test_who_is_alone_with_a_name_is_shown_by_it(world: World) -> None:
    assert set(agents.names_apart().values()) == {"Ayse", "Mehmet", "Jonas"}
    assert db.session.get(Agent, world.ayse.id) is not None
