"""A tenant's own outcomes: added, renamed, put in order, retired; calls keep what they have."""

import pytest
from flask import Flask

from crm import calls
from crm.calls import outcomes
from crm.calls.outcomes import InvalidOutcomeError
from crm.models import Tenant, utc_now
from tests.unit.calls_world import World, after, make_world

pytestmark = pytest.mark.both_databases

USUAL = ["Resolved", "Follow-up", "Sale", "Voicemail", "Wrong number", "Other"]


@pytest.fixture
def world(app: Flask) -> World:
    return make_world()


def labels(tenant: Tenant) -> list[str]:
    every = outcomes.of(tenant.id, outcomes.of_tenants())
    return [f"({one.label})" if one.is_retired else one.label for one in every]


def follows(tenant: Tenant) -> list[str]:
    every = outcomes.of(tenant.id, outcomes.of_tenants())
    return [one.code for one in every if one.makes_follow_up]


def test_a_tenant_that_has_changed_nothing_has_the_usual_ones(world: World) -> None:
    assert labels(world.tenant) == USUAL
    assert follows(world.tenant) == ["follow_up"]


def test_one_is_added_and_renamed_and_the_others_stay_in_each_readers_language(
    world: World,
) -> None:
    pairs = [("resolved", "Solved"), ("follow_up", "Follow-up")]
    outcomes.save(world.tenant, pairs, makes_follow_up="resolved", new="  Complaint  ")
    assert labels(world.tenant) == ["Solved", *USUAL[1:], "Complaint"]
    assert follows(world.tenant) == ["resolved"]
    rows = outcomes.of(world.tenant.id, outcomes.of_tenants())
    assert [one.name for one in rows] == ["Solved", "", "", "", "", "", "Complaint"]
    code = rows[-1].code
    outcomes.save(world.tenant, [(code, "Grievance")], makes_follow_up="")
    assert "Grievance" in labels(world.tenant)
    assert follows(world.tenant) == []


def test_they_are_put_in_order(world: World) -> None:
    outcomes.shift(world.tenant, "sale", -1)
    outcomes.shift(world.tenant, "sale", -1)
    outcomes.shift(world.tenant, "sale", -1)  # it is the first already
    outcomes.shift(world.tenant, "unknown", 1)
    assert labels(world.tenant)[:3] == ["Sale", "Resolved", "Follow-up"]


def test_a_retired_one_stays_on_the_calls_that_have_it(world: World) -> None:
    call = world.rings()
    calls.record_wrap_up(call, world.ayse.id, outcome="sale", at=after(9))
    outcomes.set_retired(world.tenant, "sale", now=utc_now())
    outcomes.set_retired(world.tenant, "follow_up", now=utc_now())
    assert "(Sale)" in labels(world.tenant)
    assert follows(world.tenant) == []
    assert call.outcome == "sale"
    outcomes.set_retired(world.tenant, "sale", now=None)
    assert "Sale" in labels(world.tenant)


@pytest.mark.parametrize("name", ["", "   ", "x" * 51, "sale"])
def test_a_name_that_cannot_be_is_refused(world: World, name: str) -> None:
    with pytest.raises(InvalidOutcomeError):
        outcomes.save(world.tenant, [("resolved", name)], makes_follow_up="")


def test_a_card_holds_twenty(world: World) -> None:
    for number in range(14):
        outcomes.save(world.tenant, [], makes_follow_up="", new=f"Outcome {number}")
    with pytest.raises(InvalidOutcomeError):
        outcomes.save(world.tenant, [], makes_follow_up="", new="One too many")
