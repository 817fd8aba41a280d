"""The list of missed calls is worked off by several agents at once; the badge follows."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import select

from crm import calls
from crm.callcenterstudio.results import ActiveCall
from crm.extensions import db
from crm.models import Agent, Call, Tenant, utc_now
from tests.web.browser import Browser
from tests.web.conftest import add_agent, logged_in
from tests.world import Simulator

NUMBER = "+905320000001"


@pytest.fixture
def mehmet(tenant: Tenant) -> Agent:
    return add_agent(tenant, "mehmet@demo.example", "Mehmet Kaya")


def missed_call(agent: Agent, number: str = NUMBER, minutes_ago: float = 10) -> Call:
    """A call that rang at an agent for twenty seconds."""
    begun = utc_now() - timedelta(minutes=minutes_ago)
    cid, key = str(uuid4()), str(uuid4())
    for kind, seconds in (("IncomingCall", 0), ("Hangup", 20)):
        call = calls.record_message(
            tenant_id=agent.tenant_id,
            agent_id=agent.id,
            browser_call_id=cid,
            kind=kind,
            number=number,
            activecallkey=key,
            occurred_at=begun + timedelta(seconds=seconds),
        )
    db.session.commit()
    return call


def masked_call(agent: Agent) -> Call:
    """A missed call whose number the company hides, and the vendor has told."""
    call = missed_call(agent, "90532xxxxxxx")
    active = ActiveCall.parse({"key": call.activecallkey, "callerid": NUMBER, "inbound": True})
    calls.record_active_call(tenant_id=agent.tenant_id, agent_id=agent.id, active=active)
    db.session.commit()
    return call


def done(browser: Browser, call: Call) -> str:
    answer = browser.htmx_post(f"/missed/{call.id}/done")
    assert answer.status_code == 200
    return answer.text


def test_nobody_waits(browser: Browser) -> None:
    assert "Nobody is waiting for a call back" in browser.get("/missed").text
    assert 'class="badge"' not in browser.htmx_get("/missed/badge").text


def test_a_caller_stands_in_the_list_and_in_the_badge(browser: Browser, agent: Agent) -> None:
    missed_call(agent, minutes_ago=20)
    missed_call(agent)
    page = browser.get("/missed").text
    assert "+90 532 000 00 01" in page or "0532 000 00 01" in page
    assert "called 2 times" in page
    assert "waited 0:20" in page
    assert "/contacts/new?number=%2B905320000001" in page
    assert page.count('class="missed-row"') == 1
    assert "1 caller waits to be called back" in page


def test_the_badge_ends_at_99(browser: Browser, agent: Agent) -> None:
    for number in range(101):
        missed_call(agent, f"+90532000{number:04}")
    badge = browser.htmx_get("/missed/badge").text
    assert ">99+<" in badge
    assert "99+ callers wait to be called back" in badge


def test_the_list_goes_on_where_it_stopped(browser: Browser, agent: Agent) -> None:
    for number in range(53):
        missed_call(agent, f"+90532000{number:04}", minutes_ago=60 - number)
    first = browser.htmx_get("/missed").text
    address = first.split('class="more" hx-get="')[1].split('"')[0].replace("&amp;", "&")
    rest = browser.htmx_get(address).text
    assert [text.count('class="missed-row"') for text in (first, rest)] == [50, 3]
    assert browser.htmx_get("/missed/list?shown=53").text.count('class="missed-row"') == 53


def test_a_withheld_number_is_called_back_without_being_shown(
    browser: Browser, agent: Agent
) -> None:
    call = masked_call(agent)
    page = browser.get("/missed").text
    assert "Number withheld" in page
    assert f'name="back" value="{call.id}"' in page
    assert "532 000" not in page
    assert NUMBER not in page


def test_an_anonymous_caller_can_only_be_done(browser: Browser, agent: Agent) -> None:
    missed_call(agent, "anonymous")
    page = browser.get("/missed").text.split('id="missed"')[1].split("</main>")[0]
    assert "Anonymous caller" in page
    assert "Call back" not in page
    assert "Done" in page


def test_done_takes_the_caller_off_the_list_and_the_badge(browser: Browser, agent: Agent) -> None:
    call = missed_call(agent)
    answer = browser.htmx_post(f"/missed/{call.id}/done")
    assert "missed-changed" in answer.headers["HX-Trigger"]
    assert "Nobody is waiting" in answer.text
    assert 'class="badge"' not in browser.htmx_get("/missed/badge").text


def test_done_works_without_javascript(browser: Browser, agent: Agent) -> None:
    call = missed_call(agent)
    answer = browser.post(f"/missed/{call.id}/done")
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/missed?undo={call.id}")
    page = browser.get(answer.headers["Location"]).text
    assert "Nobody is waiting" in page
    assert "is taken care of." in page
    answer = browser.post(f"/missed/{call.id}/undo")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/missed")
    assert browser.get("/missed").text.count('class="missed-row"') == 1


def test_done_has_a_way_back_at_once_and_later(
    app: Flask, browser: Browser, agent: Agent, mehmet: Agent, jonas: Agent
) -> None:
    """With all the calls of the caller; also in the list that fetches itself again."""
    calls_of_elif = [missed_call(agent, minutes_ago=minutes) for minutes in (20, 10, 5)]
    last = calls_of_elif[-1]
    address = f"/missed/{last.id}/undo"
    for text in (done(browser, last), browser.htmx_get(f"/missed/list?undo={last.id}").text):
        assert "0532 000 00 01 is taken care of." in text
        assert address in text
        assert f'hx-get="/missed/list?undo={last.id}"' in text
    colleague = logged_in(app, mehmet)
    assert address not in colleague.htmx_get(f"/missed/list?undo={last.id}").text
    assert "Ayşe Demir took care of this missed call" in colleague.get(f"/calls/{last.id}").text
    assert logged_in(app, jonas).htmx_post(address).status_code == 404
    answer = colleague.htmx_post(address)  # from the call's own page
    assert "missed-changed" in answer.headers["HX-Trigger"]
    assert answer.headers["HX-Push-Url"] == "/missed"
    assert "0532 000 00 01 waits to be called back again." in answer.text
    assert "called 3 times" in answer.text
    history = browser.get(f"/calls/{last.id}").text
    assert "took care of" not in history
    for word in ("Missed call taken care of", "Put back among the missed calls"):
        assert word in history
    assert "waits to be called back again" not in browser.htmx_post(address).text


def test_a_call_that_came_after_the_page_was_read_stays(browser: Browser, agent: Agent) -> None:
    seen = missed_call(agent)
    missed_call(agent, minutes_ago=1)
    assert done(browser, seen).count('class="missed-row"') == 1


def test_who_is_second_is_told_who_was_first(app: Flask, browser: Browser, mehmet: Agent) -> None:
    call = missed_call(mehmet)
    done(logged_in(app, mehmet), call)
    assert "Mehmet Kaya has done this already" in done(browser, call)


@pytest.mark.both_databases
def test_two_agents_are_done_at_the_same_moment(
    app: Flask, browser: Browser, agent: Agent, mehmet: Agent
) -> None:
    call_id = missed_call(agent).id
    people = [browser, logged_in(app, mehmet)]
    together = threading.Barrier(2)

    def press(place: int) -> str:
        together.wait()
        with app.app_context():
            answer = people[place].htmx_post(f"/missed/{call_id}/done")
        assert answer.status_code == 200
        return answer.text

    with ThreadPoolExecutor(2) as pool:
        said = list(pool.map(press, range(2)))
    assert sorted("has done this already" in text for text in said) == [False, True]


def test_agents_see_the_calls_of_their_tenant_and_admins_all(
    app: Flask, browser: Browser, admin_browser: Browser, tenant: Tenant
) -> None:
    other = Tenant(
        name="second",
        host="second.callcenterstudio.com",
        api_url=tenant.api_url,
        softphone_url=tenant.softphone_url,
        timezone="Europe/Berlin",
        region="DE",
        hook_secret="the-hook-secret-of-second",
    )
    db.session.add(other)
    db.session.commit()
    call = missed_call(add_agent(other, "jonas@second.example", "Jonas Weber"))
    assert "Nobody is waiting" in browser.get("/missed").text
    assert browser.htmx_post(f"/missed/{call.id}/done").status_code == 404
    page = admin_browser.get("/missed").text
    assert "second" in page
    assert "Call back" not in page  # not through the other tenant's phone


def test_a_call_back_is_dialled_and_tied(app: Flask, agent: Agent, simulator: Simulator) -> None:
    call = missed_call(agent)
    phone = logged_in(app, agent)
    form = {"number": NUMBER, "callback_of": str(call.id), "call": str(uuid4())}
    assert phone.htmx_post("/dial", form).status_code == 200
    simulator.wait_for_call()
    back = db.session.scalars(select(Call).where(Call.callback_of_id == call.id)).one()
    assert back.normal_form == NUMBER
    assert "You are calling back." in phone.get("/missed").text
    assert "Calls back the missed call of" in phone.get(f"/calls/{back.id}/event").text


def test_a_withheld_call_back_is_tied_too(app: Flask, agent: Agent, simulator: Simulator) -> None:
    call = masked_call(agent)
    phone = logged_in(app, agent)
    form = {"back": str(call.id), "callback_of": str(call.id), "call": str(uuid4())}
    assert phone.htmx_post("/dial", form).status_code == 200
    back = db.session.scalars(select(Call).where(Call.callback_of_id == call.id)).one()
    assert back.shown_number is None


def test_another_number_is_dialled_as_a_call_of_its_own(
    app: Flask, agent: Agent, simulator: Simulator
) -> None:
    call = missed_call(agent)
    form = {"number": "+905320000009", "callback_of": str(call.id), "call": str(uuid4())}
    assert logged_in(app, agent).htmx_post("/dial", form).status_code == 200
    assert db.session.scalar(select(Call.id).where(Call.callback_of_id.is_not(None))) is None


def test_who_calls_back_second_is_told_who_was_first(
    app: Flask, agent: Agent, mehmet: Agent, simulator: Simulator
) -> None:
    call = missed_call(agent)
    simulator.console("softphones", agent="mehmet@demo.example")
    ayse, other = logged_in(app, agent), logged_in(app, mehmet)
    form = {"number": NUMBER, "callback_of": str(call.id)}
    assert other.htmx_post("/dial", {**form, "call": str(uuid4())}).status_code == 200
    answer = ayse.htmx_post("/dial", {**form, "call": str(uuid4())})
    assert answer.status_code == 409
    assert "Mehmet Kaya is calling back." in answer.text
    assert simulator.asked["click2call"] == 1
    assert "Mehmet Kaya is calling back." in ayse.get("/missed").text


@pytest.mark.both_databases
def test_two_agents_call_back_at_the_same_moment_and_one_call_goes_out(
    app: Flask, agent: Agent, mehmet: Agent, simulator: Simulator
) -> None:
    call_id = missed_call(agent).id
    simulator.console("softphones", agent="mehmet@demo.example")
    simulator.console("switches", slow_seconds=0.3)
    people = [logged_in(app, agent), logged_in(app, mehmet)]
    simulator.asked.clear()
    together = threading.Barrier(2)

    def press(place: int) -> int:
        form = {"number": NUMBER, "callback_of": str(call_id), "call": str(uuid4())}
        together.wait()
        with app.app_context():
            return people[place].htmx_post("/dial", form).status_code

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(press, range(2))) == [200, 409]
    assert simulator.asked["click2call"] == 1


def test_the_card_of_a_missed_ring_says_missed(browser: Browser, agent: Agent) -> None:
    missed_call(agent)
    dock = browser.get("/contacts").text.split('id="call-panel"')[1]
    assert "phone-missed" in dock
    assert "Wrap-up" not in dock
