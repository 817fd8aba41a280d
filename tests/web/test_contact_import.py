"""The pages that import contacts: each stage, who may, and what is refused in words."""

import io
import re

import pytest
from flask import Flask

from crm.contact_files import job, runs, uploads
from crm.extensions import db
from crm.models import Contact, ContactImport, Stage, Work, utc_now
from crm.worker.work import run_work, take_due
from tests.unit.calls_world import make_contact
from tests.web.browser import Browser

FILE = (
    "Name;Company;Phone;E-mail;Shoe size\n"
    "Elif Şahin;Kuzey;0532 000 00 01;;38\n"
    "Bora <b>Öz</b>;;0532 000 00 02;bora@kuzey.example;\n"
    'Nobody;"=1+1";12;;\n'
    "Can Kaya;;0532 000 00 01;;\n"
)


@pytest.fixture
def elif_(app: Flask) -> Contact:
    return make_contact("Elif Şahin", "+905320000001")


def upload(browser: Browser, content: bytes | str = FILE, name: str = "people.csv") -> str:
    """Send a file as a browser without JavaScript does; returns the import's address."""
    data = content.encode() if isinstance(content, str) else content
    answer = browser.post("/contacts/import", {"file": (io.BytesIO(data), name)})
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"]


def columns(page: str) -> dict[str, str]:
    chosen = r'name="(column-\d+)">.*?value="([^"]*)" selected'
    return dict(re.findall(chosen, page, re.DOTALL))


def work_all(app: Flask) -> None:
    """What the worker does."""
    while due := take_due(now=utc_now()):
        for work_id in due:
            run_work(work_id, client_for=lambda _tenant: None)  # type: ignore[arg-type, return-value]


def test_a_file_goes_through_all_steps(app: Flask, admin_browser: Browser, elif_: Contact) -> None:
    url = upload(admin_browser)
    page = admin_browser.get(url).text
    assert "4 rows" in page
    assert "The number “12” is too short." in page
    assert "Is here already: Elif Şahin" in page
    assert "Bora &lt;b&gt;Öz&lt;/b&gt;" in page
    form = columns(page)
    assert list(form.values()) == ["name", "company", "number", "email", ""]
    shoes = admin_browser.htmx_post(f"{url}/preview", form | {"column-4": "notes"})
    assert "38" in shoes.text
    answer = admin_browser.htmx_post(f"{url}/check", form)
    assert answer.headers["HX-Push-Url"] == url
    assert "Same number, another name" in answer.text
    assert "Import 3 rows" in answer.text
    for wrong in ({"row-5": "perhaps"}, {"row-x": "add"}):
        assert admin_browser.htmx_post(f"{url}/write", wrong).status_code == 409
    chosen = {"same": "update", "shared": "add", "row-5": "leave", "row-2": ""}
    answer = admin_browser.htmx_post(f"{url}/write", chosen)
    assert "Importing: 1 of 4 rows" in answer.text
    assert 'hx-trigger="every 1s' in answer.text
    work_all(app)
    part = admin_browser.htmx_get(f"{url}?part=1")
    assert "contacts-changed" in part.headers["HX-Trigger"]
    assert "every 1s" not in part.text
    for figure in ("Added</dt><dd>1<", "Updated</dt><dd>1<", "Left as they were</dt><dd>1<"):
        assert figure in part.text
    report = admin_browser.get(f"{url}/report.csv")
    assert report.text.lstrip("\ufeff").splitlines() == [
        "Row;Why;Name;Company;Phone;E-mail;Shoe size",
        "4;The number “12” is too short.;Nobody;'=1+1;'12;;",
        "5;The contact was here already and was left as it was.;Can Kaya;;'0532 000 00 01;;",
    ]
    admin_browser.htmx_post(f"{url}/undo")
    work_all(app)
    assert "The import is undone." in admin_browser.get(url).text
    assert "Taken back" in admin_browser.get("/contacts/import").text
    db.session.refresh(elif_)
    assert elif_.company == ""


def test_pieces_arrive_in_any_order_and_twice(admin_browser: Browser) -> None:
    data = FILE.encode()
    begun = admin_browser.htmx_post(
        "/contacts/import/uploads", {"name": "../a\x00.csv", "size": str(len(data))}
    )
    url = begun.json["url"]  # type: ignore[index]
    assert admin_browser.htmx_post(f"{url}/uploaded").status_code == 409
    for place in (1, 0, 1):
        piece = data[place * 50 : (place + 1) * 50] if place == 0 else data[50:]
        raw = {"content_type": "application/octet-stream"}
        answer = admin_browser.htmx_post(f"{url}/pieces/{place}", piece, **raw)  # type: ignore[arg-type]
        assert answer.status_code == 204
    assert "4 rows" in admin_browser.htmx_post(f"{url}/uploaded").text
    assert admin_browser.htmx_post(f"{url}/pieces/0", b"x").status_code == 409  # type: ignore[arg-type]
    too_large = {"name": "a", "size": str(uploads.LARGEST_FILE + 1)}
    assert admin_browser.htmx_post("/contacts/import/uploads", too_large).status_code == 413


def test_a_wrong_file_says_what_to_do(admin_browser: Browser) -> None:
    url = upload(admin_browser, b"PK\x03\x04rest", "people.xlsx")
    assert "CSV UTF-8" in admin_browser.get(url).text
    admin_browser.post(f"{url}/discard")
    assert admin_browser.get(url).status_code == 404
    assert admin_browser.htmx_post(f"{url}/check").status_code == 404


def test_a_step_that_comes_too_late_changes_nothing(admin_browser: Browser) -> None:
    url = upload(admin_browser)
    admin_browser.htmx_post(f"{url}/check", {"column-0": "name"})
    late = admin_browser.htmx_post(f"{url}/read-again", {"encoding": "utf-8-sig", "delimiter": ";"})
    assert late.status_code == 409
    assert "at another step meanwhile" in late.text
    assert admin_browser.htmx_post(f"{url}/undo").status_code == 409


def test_work_that_was_given_up_goes_on(app: Flask, admin_browser: Browser) -> None:
    url = upload(admin_browser)
    form = columns(admin_browser.get(url).text)
    admin_browser.htmx_post(f"{url}/check", form)
    admin_browser.htmx_post(f"{url}/write", {})
    (work,) = db.session.query(Work).filter_by(kind=runs.IMPORT_CONTACTS)
    work.attempts = 99
    db.session.commit()
    work_all(app)
    run = db.session.query(ContactImport).one()
    assert "given up after several tries" in admin_browser.get(url).text
    admin_browser.htmx_post(f"{url}/go-on")
    work_all(app)
    db.session.refresh(run)
    assert run.stage is Stage.DONE


def test_more_rows_come_page_by_page(admin_browser: Browser) -> None:
    rows = "".join(f"Person {place};;12;;\n" for place in range(60))
    url = upload(admin_browser, FILE + rows)
    page = admin_browser.htmx_post(f"{url}/check", columns(admin_browser.get(url).text)).text
    seen = []
    while more := re.search(r'class="more" hx-get="([^"]+)"', page):
        page = admin_browser.htmx_get(more[1].replace("&amp;", "&")).text
        seen += re.findall(r"Person \d+", page)
    assert len(seen) == len(set(seen)) == 61 - 25
    assert admin_browser.htmx_get(f"{url}/rows?state=new").status_code == 200
    assert admin_browser.htmx_get(f"{url}/rows?state=none").status_code == 404


def test_agents_see_no_import(browser: Browser) -> None:
    assert browser.get("/contacts/import").status_code == 403
    assert "/contacts/import" not in browser.get("/contacts").text


def test_a_discarded_import_ends_the_work(app: Flask, admin_browser: Browser) -> None:
    url = upload(admin_browser)
    import_id = int(url.rsplit("/", 1)[1])
    runs.discard(import_id)
    assert job.work(str(import_id), lambda _tenant: None) is None  # type: ignore[arg-type, return-value]
