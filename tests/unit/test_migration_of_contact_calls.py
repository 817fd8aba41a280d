"""An installation of before keeps what its contacts' calls were, tenant by tenant."""

import pytest
from flask_migrate import downgrade, upgrade

from crm.extensions import db
from tests.unit.calls_world import KEY, World, calls_told_of, cdr, make_contact, make_world

VERSION_BEFORE = "0003"


@pytest.mark.both_databases
@pytest.mark.usefixtures("app")
def test_an_update_counts_the_calls_of_each_tenant_anew() -> None:
    from crm import calls

    world = make_world()
    elif_ = make_contact()
    ours: World = world
    ours.rings()
    ours.message("Talking", 3)
    call = ours.message("Hangup", 9, activecallkey=KEY)
    calls.record_wrap_up(call, world.ayse.id, note="wants the invoice\nagain")
    calls.record_cdr(world.tenant, cdr(callkey="another", recordingurl=None, answered=False))
    db.session.commit()
    before = calls_told_of(elif_, world.tenant), calls_told_of(elif_)
    assert before[0][0] == 2
    db.session.remove()
    downgrade(revision=VERSION_BEFORE)
    upgrade()
    assert (calls_told_of(elif_, world.tenant), calls_told_of(elif_)) == before
