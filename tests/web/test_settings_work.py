"""The background work as admins see it: what failed, runs and waits, and trying it again."""

import re
from datetime import timedelta

import pytest

from crm import calls
from crm.extensions import db
from crm.models import Agent, Call, Tenant, Work, WorkState, utc_now
from crm.pages.settings.work import AT_NIGHT, PAGE
from crm.telephony.records import COMPLETE_CALL
from crm.worker import schedule
from crm.worker.work import KINDS, take_due
from tests.web.browser import Browser

NO_RECORD = "Call Center Studio has no record of this call yet."
MINUTE = timedelta(minutes=1)


def add(subject: object = "1", *, due: timedelta = MINUTE, **more: object) -> Work:
    """A piece of work that is due after a while."""
    values = {"kind": COMPLETE_CALL, "next_try_at": utc_now() + due, **more}
    work = Work(subject=str(subject), **values)
    db.session.add(work)
    db.session.commit()
    return work


def failed(subject: object = "1", **more: object) -> Work:
    values = {"state": WorkState.GIVEN_UP, "attempts": 15, "last_error": NO_RECORD, **more}
    return add(subject, due=-MINUTE, **values)


def counts(text: str) -> list[str]:
    """Failed, running, waiting, as the page's head shows them."""
    return re.findall(r"<strong>([\d,]+)</strong> (?:Failed|Running|Waiting)", text)


@pytest.fixture
def call(agent: Agent) -> Call:
    """Somebody calls Ayşe."""
    rings = calls.record_message(
        tenant_id=agent.tenant_id,
        agent_id=agent.id,
        browser_call_id="c1",
        kind="IncomingCall",
        number="05320000001",
        activecallkey="k1",
        occurred_at=utc_now() - timedelta(hours=6),
    )
    db.session.commit()
    return rings


class TestLists:
    def test_they_are_for_admins(self, browser: Browser) -> None:
        assert browser.get("/settings/work").status_code == 403
        assert browser.post("/settings/work/retry").status_code == 403
        assert browser.post("/settings/work/1/retry").status_code == 403

    def test_they_say_that_there_is_nothing(self, admin_browser: Browser) -> None:
        text = admin_browser.get("/settings/work").text
        assert "Nothing waits" in text
        assert counts(text) == ["0", "0", "0"]

    @pytest.mark.both_databases
    def test_each_piece_stands_in_one_list(self, admin_browser: Browser) -> None:
        failed(1)
        add(2)
        add(3, taken_at=utc_now())
        add(4, due=-MINUTE, taken_at=utc_now() - 2 * MINUTE)  # its worker was killed
        assert counts(admin_browser.get("/settings/work").text) == ["1", "1", "2"]
        for show, subjects in (("failed", "1"), ("running", "3"), ("waiting", "42")):
            text = admin_browser.get(f"/settings/work?show={show}").text
            assert re.findall(r"<code>complete_call (\d+)</code>", text) == list(subjects)

    def test_what_is_done_is_not_shown(self, admin_browser: Browser) -> None:
        add(state=WorkState.DONE)
        assert counts(admin_browser.get("/settings/work").text) == ["0", "0", "0"]

    def test_failed_work_is_shown_first_in_words(self, admin_browser: Browser, call: Call) -> None:
        failed(call.id)
        text = admin_browser.get("/settings/work").text
        assert "Fetch the record of a call" in text
        assert "0532 000 00 01" in text
        assert NO_RECORD in text
        assert "Tried 15 times" in text

    def test_every_kind_has_words(self, admin_browser: Browser, tenant: Tenant, call: Call) -> None:
        for kind in KINDS:
            failed(call.id if kind == COMPLETE_CALL else tenant.id, kind=kind)
        for name in schedule.NIGHTLY:
            failed(name, kind=schedule.AT_NIGHT)
        shown = re.findall(r"<strong>(\w+)</strong>", admin_browser.get("/settings/work").text)
        assert not {*shown} & {*KINDS}
        assert {*schedule.NIGHTLY} == {*AT_NIGHT}

    def test_it_leads_to_what_it_is_about(
        self, admin_browser: Browser, tenant: Tenant, call: Call
    ) -> None:
        failed(call.id)
        failed(tenant.id, kind=schedule.RECONCILE)
        text = admin_browser.get("/settings/work").text
        assert f'href="/calls/{call.id}"' in text
        assert re.search(r'href="/settings/imports"[^>]*>demo</a>', text)

    def test_work_of_an_unknown_kind_is_shown_by_its_name(self, admin_browser: Browser) -> None:
        failed("the moon", kind="reach_for")
        text = admin_browser.get("/settings/work").text
        assert "<strong>reach_for</strong>" in text
        assert "the moon" in text

    @pytest.mark.both_databases
    @pytest.mark.parametrize("show", ["waiting", "failed"])
    def test_they_go_on_by_key(self, admin_browser: Browser, show: str) -> None:
        state = WorkState.WAITING if show == "waiting" else WorkState.GIVEN_UP
        for subject in range(PAGE + 3):
            add(subject, due=timedelta(seconds=60 + subject // 2), state=state)
        first = admin_browser.htmx_get(f"/settings/work?show={show}&part=1").text
        found = re.search(r'class="more" hx-get="([^"]+)"', first)
        assert found is not None
        second = admin_browser.htmx_get(found[1].replace("&amp;", "&")).text
        seen = [re.findall(r"<code>complete_call (\d+)</code>", text) for text in (first, second)]
        assert [len(rows) for rows in seen] == [PAGE, 3]
        assert len({*seen[0], *seen[1]}) == PAGE + 3
        assert "more" not in re.findall(r'class="([^"]+)"', second)

    def test_a_refresh_has_as_many_rows_as_were_shown(self, admin_browser: Browser) -> None:
        for subject in range(PAGE + 3):
            add(subject)
        text = admin_browser.htmx_get(f"/settings/work?show=waiting&part=1&shown={PAGE + 3}").text
        assert text.count("data-line") == PAGE + 3

    def test_they_refresh_only_while_something_waits_or_runs(self, admin_browser: Browser) -> None:
        work = failed()
        assert 'hx-trigger="every 3s' not in admin_browser.get("/settings/work").text
        admin_browser.post(f"/settings/work/{work.id}/retry")
        assert 'hx-trigger="every 3s' in admin_browser.get("/settings/work").text


class TestNobodyWorks:
    """The page says so only when nothing else explains that due work is not taken."""

    SENTENCE = "but nothing is doing it. Is"

    def test_it_is_said_when_due_work_is_not_taken(self, admin_browser: Browser) -> None:
        add(due=-MINUTE)
        assert self.SENTENCE in admin_browser.get("/settings/work").text
        assert self.SENTENCE in admin_browser.get("/settings").text

    def test_not_when_it_became_due_just_now(self, admin_browser: Browser) -> None:
        add(due=timedelta(seconds=-5))
        assert self.SENTENCE not in admin_browser.get("/settings/work").text

    def test_not_when_a_worker_is_at_something(self, admin_browser: Browser) -> None:
        add(1, due=-MINUTE)
        add(2, taken_at=utc_now())
        assert self.SENTENCE not in admin_browser.get("/settings/work").text

    @pytest.mark.both_databases
    def test_not_when_a_worker_is_only_behind(self, admin_browser: Browser) -> None:
        add(1, due=-MINUTE)
        add(2, state=WorkState.DONE, attempts=1)
        assert self.SENTENCE not in admin_browser.get("/settings/work").text


class TestRetry:
    @pytest.mark.both_databases
    def test_it_begins_the_tries_anew(self, admin_browser: Browser) -> None:
        work = failed()
        answer = admin_browser.htmx_post(f"/settings/work/{work.id}/retry", {"show": "failed"})
        assert answer.status_code == 200
        assert "tried again at once" in answer.headers["HX-Trigger"]
        assert counts(answer.text) == ["0", "0", "1"]
        db.session.refresh(work)
        assert (work.state, work.attempts) == (WorkState.WAITING, 0)
        assert take_due(now=utc_now()) == [work.id]

    def test_it_makes_waiting_work_due_at_once(self, admin_browser: Browser) -> None:
        work = add(due=timedelta(hours=2), attempts=13)
        assert admin_browser.post(f"/settings/work/{work.id}/retry").status_code == 303
        assert take_due(now=utc_now()) == [work.id]

    @pytest.mark.parametrize(
        "more", [{"state": WorkState.DONE}, {"taken_at": utc_now()}], ids=["done", "running"]
    )
    def test_it_leaves_alone_what_is_done_or_runs(
        self, admin_browser: Browser, more: dict[str, object]
    ) -> None:
        work = add(attempts=3, **more)  # type: ignore[arg-type]
        answer = admin_browser.htmx_post(f"/settings/work/{work.id}/retry")
        assert "nothing to try again" in answer.headers["HX-Trigger"]
        db.session.refresh(work)
        assert work.attempts == 3

    @pytest.mark.both_databases
    def test_all_that_failed_is_tried_again(self, admin_browser: Browser) -> None:
        tried = {failed(subject).id for subject in range(3)}
        add(9, due=timedelta(hours=2))
        answer = admin_browser.htmx_post("/settings/work/retry", {"show": "failed"})
        assert "3 pieces of work are tried again." in answer.headers["HX-Trigger"]
        assert set(take_due(now=utc_now())) == tried

    def test_what_is_not_there_is_not_found(self, admin_browser: Browser) -> None:
        assert admin_browser.post("/settings/work/77/retry").status_code == 404


class TestOverview:
    def test_it_names_failed_work(self, admin_browser: Browser) -> None:
        assert "background work failed" not in admin_browser.get("/settings").text
        failed(1)
        failed(2)
        text = admin_browser.get("/settings").text
        assert "2 pieces of background work failed and were given up." in text
        assert 'href="/settings/work?show=failed"' in text
