"""Imports of records by dates and the reconciliation, as admins begin, watch and switch them."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from crm.extensions import db
from crm.models import (
    Agent,
    CdrImport,
    ImportKind,
    ImportState,
    Role,
    Tenant,
    Work,
    utc_now,
)
from crm.pages.settings.imports import PAGE
from crm.telephony.import_runs import IMPORT_CDRS, ask_to_import
from crm.worker.work import take_due
from tests.web.browser import Browser
from tests.web.conftest import add_agent, logged_in

OCTOBER = {"tenant": "1", "start": "2025-10-01", "finish": "2025-10-31"}
FIRST, LAST = datetime(2025, 10, 1), datetime(2025, 10, 31, 23, 59, 59)
NO_ANSWER = "Call Center Studio did not answer in time."


def add(tenant: Tenant, **more: object) -> CdrImport:
    """An import of October that is done."""
    values = {
        "tenant_id": tenant.id,
        "kind": ImportKind.ASKED_FOR,
        "state": ImportState.DONE,
        "start_local": FIRST,
        "finish_local": LAST,
        "slice_start": datetime(2025, 10, 2),
        "slice_finish": datetime(2025, 10, 2, 23, 59, 59),
        "finished_at": utc_now(),
        **more,
    }
    run = CdrImport(**values)
    db.session.add(run)
    db.session.commit()
    return run


def running(tenant: Tenant, **more: object) -> CdrImport:
    reached = {"records_read": 12300, "reached_local": datetime(2025, 10, 2, 13)}
    return add(tenant, **{"state": ImportState.RUNNING, "finished_at": None, **reached, **more})


def stopped(tenant: Tenant, **more: object) -> CdrImport:
    return running(tenant, **{"state": ImportState.FAILED, "last_error": NO_ANSWER, **more})


def all_imports() -> list[CdrImport]:
    db.session.expire_all()
    return list(db.session.query(CdrImport).order_by(CdrImport.id))


@pytest.mark.parametrize(
    ("on", "told"),
    [
        (True, "found by the next reconciliation"),
        (False, "import these days again tomorrow"),
    ],
)
def test_a_result_says_who_finds_what_ends_later(
    admin_browser: Browser, tenant: Tenant, on: bool, told: str
) -> None:
    tenant.reconcile = on
    add(tenant)
    assert "Calls that end from now on" not in admin_browser.get("/settings/imports").text
    now = datetime.now(UTC).replace(tzinfo=None)
    add(tenant, start_local=now, finish_local=now + timedelta(hours=6), records_late=12)
    page = admin_browser.get("/settings/imports").text
    assert told in page
    assert "12 of the new records came while this was read" in page


class TestStart:
    def test_it_is_for_admins(self, browser: Browser) -> None:
        assert browser.get("/settings/imports").status_code == 403
        assert browser.get("/settings/imports/1").status_code == 403
        for path in ("imports", "imports/1/go-on", "tenants/1/reconcile"):
            assert browser.post(f"/settings/{path}").status_code == 403

    def test_it_says_whose_days_are_meant(self, admin_browser: Browser) -> None:
        text = admin_browser.get("/settings/imports").text
        assert "demo (Europe/Istanbul)" in text
        assert "No import yet" in text

    def test_it_asks_for_whole_days_of_the_tenant(
        self, admin_browser: Browser, admin: Agent
    ) -> None:
        answer = admin_browser.post("/settings/imports", OCTOBER)
        assert answer.status_code == 303
        (run,) = all_imports()
        assert (run.start_local, run.finish_local) == (FIRST, LAST)
        assert (run.asked_by_id, run.state) == (admin.id, ImportState.RUNNING)
        work = db.session.query(Work).one()
        assert (work.kind, work.subject) == (IMPORT_CDRS, str(run.id))

    def test_htmx_gets_the_page_with_the_bar_and_its_address(self, admin_browser: Browser) -> None:
        answer = admin_browser.htmx_post("/settings/imports", OCTOBER)
        assert answer.headers["HX-Push-Url"] == "/settings/imports"
        assert "<progress" in answer.text
        assert "The import runs." in answer.text

    def test_two_admins_who_press_start_get_one_import(
        self, app: Flask, admin_browser: Browser, tenant: Tenant
    ) -> None:
        other = add_agent(tenant, "can@demo.example", "Can Aydın", role=Role.ADMIN)
        for browser in (admin_browser, logged_in(app, other), admin_browser):
            assert browser.post("/settings/imports", OCTOBER).status_code == 303
        assert len(all_imports()) == 1
        assert db.session.query(Work).count() == 1

    @pytest.mark.parametrize(
        ("field", "typed", "sentence"),
        [
            ("start", "", "Enter a day, like 2026-10-31."),
            ("start", "yesterday", "Enter a day, like 2026-10-31."),
            ("start", "0025-10-01", "Enter a day, like 2026-10-31."),
            ("start", "2025-11-01", "The end lies before the start."),
            ("finish", "2999-01-01", "The end lies in the future."),
            ("tenant", "99", "Not a valid choice."),
        ],
    )
    def test_it_keeps_what_was_typed_and_says_what_is_wrong(
        self, admin_browser: Browser, field: str, typed: str, sentence: str
    ) -> None:
        answer = admin_browser.post("/settings/imports", {**OCTOBER, field: typed})
        assert answer.status_code == 422
        assert sentence in answer.text
        for name in {"start", "finish"} - {field}:
            assert f'value="{OCTOBER[name]}"' in answer.text
        assert all_imports() == []


class TestProgress:
    def test_a_running_import_shows_how_far_it_is_and_asks_again(
        self, admin_browser: Browser, tenant: Tenant
    ) -> None:
        run = running(tenant)
        text = admin_browser.htmx_get(f"/settings/imports/{run.id}?part=1").text
        assert f'hx-get="/settings/imports/{run.id}?part=1" hx-trigger="every 1s' in text
        assert "12,300 records · 2 Oct 2025 of 1 – 31 Oct 2025" in text  # noqa: RUF001
        assert f'value="{100 * run.progress:.1f}"' in text

    def test_it_says_what_it_waits_for(self, admin_browser: Browser, tenant: Tenant) -> None:
        run = running(tenant, last_error=NO_ANSWER)
        text = admin_browser.htmx_get(f"/settings/imports/{run.id}?part=1").text
        assert f"{NO_ANSWER} It will be tried again." in text

    def test_at_the_end_it_shows_what_was_found(
        self, admin_browser: Browser, tenant: Tenant
    ) -> None:
        run = add(
            tenant,
            records_read=1234,
            records_new=1000,
            records_changed=12,
            records_known=222,
            without_contact=400,
            records_incomplete=3,
            problems={"The end lies before the start": 3},
        )
        answer = admin_browser.htmx_get(f"/settings/imports/{run.id}?part=1")
        figures = re.findall(r"<dt>([^<]+)</dt><dd>([\d,]+)</dd>", answer.text)
        assert figures == [
            ("Read", "1,234"),
            ("New", "1,000"),
            ("Changed", "12"),
            ("Already known", "222"),
            ("Without contact", "400"),
            ("Incomplete", "3"),
        ]
        assert "The end lies before the start: 3" in answer.text
        assert "every" not in answer.text
        assert "The import is done." in answer.headers["HX-Trigger"]

    def test_as_a_page_it_is_the_list(self, admin_browser: Browser, tenant: Tenant) -> None:
        run = running(tenant)
        for text in (
            admin_browser.get(f"/settings/imports/{run.id}").text,
            admin_browser.htmx_get(f"/settings/imports/{run.id}").text,
        ):
            assert "<title>Imports" in text
            assert f'id="import-{run.id}"' in text

    def test_one_that_is_not_there_is_not_found(self, admin_browser: Browser) -> None:
        assert admin_browser.get("/settings/imports/77").status_code == 404
        assert admin_browser.post("/settings/imports/77/go-on").status_code == 404

    def test_it_says_when_no_worker_seems_to_run(
        self, admin_browser: Browser, tenant: Tenant
    ) -> None:
        work = ask_to_import(running(tenant))
        assert "none seems to run" not in admin_browser.get("/settings/imports").text
        work.next_try_at = utc_now() - timedelta(minutes=2)
        assert "none seems to run" in admin_browser.get("/settings/imports").text

    @pytest.mark.both_databases
    def test_the_list_goes_on_by_key(self, admin_browser: Browser, tenant: Tenant) -> None:
        for _number in range(PAGE + 2):
            add(tenant)
        first = admin_browser.get("/settings/imports").text
        found = re.search(r'class="more" hx-get="([^"]+)"', first)
        assert found is not None
        second = admin_browser.htmx_get(found[1]).text
        seen = [re.findall(r'id="import-(\d+)"', text) for text in (first, second)]
        assert [len(rows) for rows in seen] == [PAGE, 2]
        assert not {*seen[0]} & {*seen[1]}


class TestGoOn:
    def test_a_failed_import_says_why_and_goes_on(
        self, admin_browser: Browser, tenant: Tenant
    ) -> None:
        run = stopped(tenant)
        text = admin_browser.get("/settings/imports").text
        assert f"{NO_ANSWER} What was read is kept." in text
        answer = admin_browser.htmx_post(f"/settings/imports/{run.id}/go-on")
        assert "every 1s" in answer.text
        db.session.refresh(run)
        assert (run.state, run.records_read) == (ImportState.RUNNING, 12300)
        assert take_due(now=utc_now()) == [db.session.query(Work).one().id]

    def test_it_leaves_a_done_import_done(self, admin_browser: Browser, tenant: Tenant) -> None:
        run = add(tenant)
        assert admin_browser.post(f"/settings/imports/{run.id}/go-on").status_code == 303
        db.session.refresh(run)
        assert run.state is ImportState.DONE
        assert db.session.query(Work).count() == 0


class TestReconciliation:
    def test_it_is_switched_off_and_on(self, admin_browser: Browser, tenant: Tenant) -> None:
        path = f"/settings/tenants/{tenant.id}/reconcile"
        for on in (False, True):
            answer = admin_browser.htmx_post(path, {"on": "1" if on else "0"})
            assert f"The reconciliation of tenant demo is {'on' if on else 'off'}." in answer.text
            db.session.refresh(tenant)
            assert tenant.reconcile is on

    def test_it_says_that_it_has_not_run(self, admin_browser: Browser) -> None:
        assert "Not run yet" in admin_browser.get("/settings/imports").text

    @pytest.mark.parametrize("kind", [ImportKind.RECONCILIATION, ImportKind.NIGHTLY])
    def test_it_says_when_it_ran_and_how_far_it_reaches(
        self, admin_browser: Browser, tenant: Tenant, kind: ImportKind
    ) -> None:
        began = datetime(2025, 10, 31, 20, 40, tzinfo=UTC)
        add(tenant, kind=kind, started_at=began, finished_at=utc_now() - timedelta(minutes=5))
        text = admin_browser.get("/settings/imports").text
        assert "Ran 5 min. ago" in text
        assert "Complete up to 31 Oct 2025 23:40 (Europe/Istanbul)" in text
        assert "No import yet" in text

    @pytest.mark.both_databases
    def test_what_failed_is_told_until_it_works_again(
        self, admin_browser: Browser, tenant: Tenant
    ) -> None:
        sentence = f"The reconciliation of tenant demo failed: {NO_ANSWER}"
        add(tenant, kind=ImportKind.NIGHTLY)
        stopped(tenant, kind=ImportKind.RECONCILIATION)
        assert NO_ANSWER in admin_browser.get("/settings/imports").text
        assert sentence in admin_browser.get("/settings").text
        add(tenant, kind=ImportKind.RECONCILIATION)
        assert NO_ANSWER not in admin_browser.get("/settings/imports").text
        assert sentence not in admin_browser.get("/settings").text

    def test_one_that_is_switched_off_has_not_failed(
        self, admin_browser: Browser, tenant: Tenant
    ) -> None:
        stopped(tenant, kind=ImportKind.RECONCILIATION)
        tenant.reconcile = False
        assert NO_ANSWER not in admin_browser.get("/settings").text
