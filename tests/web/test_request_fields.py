"""At the webhooks' door nothing that can be read is lost, and nothing without bounds comes in."""

import io
import json
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from crm.extensions import db
from crm.models import Call, CallEvent, InboxEntry, Tenant, inbox_file
from crm.telephony.inbox import fold_inbox
from crm.telephony.request_fields import CHANGES, LONGEST_NAME, LONGEST_VALUE, MOST_FIELDS
from tests.web.browser import Browser

FORM = "application/x-www-form-urlencoded"
JSON = "application/json"
DEEP = "[" * 300 + "]" * 300
TOO_DEEP_FOR_PYTHON = '{"a":' * 2000 + "1" + "}" * 2000


def kept() -> dict[str, Any]:
    inbox_file.move_to_database()
    db.session.expire_all()
    entry = db.session.scalars(select(InboxEntry).order_by(InboxEntry.id.desc())).first()
    assert entry is not None
    return entry.payload


@pytest.fixture
def hook(tenant: Tenant) -> str:
    return f"/webhooks/hangup/{tenant.hook_secret}"


@pytest.fixture
def step(tenant: Tenant) -> str:
    return f"/webhooks/notification/{tenant.hook_secret}"


# body, its type, what is kept of it
BODIES: list[tuple[bytes, str, dict[str, Any]]] = [
    (b"call_id=c3&x=Sat\xfd\xfe", FORM, {"call_id": "c3", "x": "Satış"}),
    (b"call_id=c3&x=Sat%FD%FE", FORM, {"call_id": "c3", "x": "Satış"}),
    ("call_id=c3&x=Satış".encode(), FORM, {"call_id": "c3", "x": "Satış"}),
    (b"call_id=c3&x=Sat%C4%B1%C5%9F", FORM, {"call_id": "c3", "x": "Satış"}),
    # One field in UTF-8, another in windows-1254.
    ("x=Satış&".encode() + b"y=Sat\xfd\xfe", FORM, {"x": "Satış", "y": "Satış"}),
    (b"x=\xdf", f"{FORM}; charset=windows-1251", {"x": "Я"}),
    (b"x=Sat\xfd\xfe", f"{FORM}; charset=iso-8859-9", {"x": "Satış"}),
    (b"x=Sat\xfd\xfe", f"{FORM}; charset=utf-8", {"x": "Satış"}),
    (b"x=Sat\xfd\xfe", f"{FORM}; charset=no-such-charset", {"x": "Satış"}),
    (b"x=Sat\xfd\xfe", f"{FORM}; charset=hex", {"x": "Satış"}),
    ("x=Satış&y=1".encode("utf-16"), f"{FORM}; charset=utf-16", {"x": "Satış", "y": "1"}),
    (b"\xef\xbb\xbfcall_id=c3", FORM, {"call_id": "c3"}),
    (b"Sat\xfd\xfe=1&call_id=c3", FORM, {"Satış": "1", "call_id": "c3"}),
    (b"call_id=c3&agent=&x", FORM, {"call_id": "c3", "agent": "", "x": ""}),
    (b"call_id=&call_id=c3", FORM, {"call_id": "c3"}),
    (b"call_id=c3&duration=7", "text/plain", {"call_id": "c3", "duration": "7"}),
    (b"call_id=c3&duration=7", "", {"call_id": "c3", "duration": "7"}),
    (b'{"call_id": "c3"}', FORM, {"call_id": "c3"}),  # curl -d without a header
    (b'{"call_id": "c3", "x": "Sat\xfd\xfe"}', JSON, {"call_id": "c3", "x": "Satış"}),
    (b'{"x": "Sat\xfd", "y": "Sat\xc4\xb1"}', JSON, {"x": "Satı", "y": "Satı"}),
    ('{"x": "Satış"}'.encode("utf-16"), JSON, {"x": "Satış"}),
    ("x=Satış&y=1".encode(), f"{FORM}; charset=utf-16", {"x": "Satış", "y": "1"}),
    ("x=Satış&y=1".encode(), f"{FORM}; charset=utf-16-le", {"x": "Satış", "y": "1"}),
    ('{"x": "Satış"}'.encode(), f"{JSON}; charset=utf-32", {"x": "Satış"}),
    (b'{"x": "a\\u0000b", "n": null, "t": true}', JSON, {"x": "ab", "n": None, "t": True}),
    (b'[{"call_id": "c3"}]', JSON, {"body": [{"call_id": "c3"}]}),
    (b'{"call_id": "c3"', JSON, {"body": '{"call_id": "c3"'}),
    (b"<xml>hello</xml>", "text/xml", {"body": "<xml>hello</xml>"}),
    (b"", FORM, {}),
]


@pytest.mark.parametrize(("body", "kind", "fields"), BODIES)
def test_each_field_is_read_as_far_as_it_can_be(
    client: FlaskClient, hook: str, body: bytes, kind: str, fields: dict[str, Any]
) -> None:
    answer = client.post(hook, data=body, content_type=kind or None)
    assert (answer.status_code, answer.text) == (200, "OK\n")
    assert kept() == fields


# body, its type, a field of what is kept, what the answer and the record say about it
CUT: list[tuple[bytes, str, tuple[str, Any], str]] = [
    (b"call_id=c3&x=a\x81b\xfd", FORM, ("x", "a\ufffdbı"), "x: bytes"),
    (b"call_id=c3&x=" + "Satış".encode()[:-1], FORM, ("x", "Satı\ufffd"), "x: bytes"),
    (b"call_id=c3&x=" + b"k" * 9000, FORM, ("x", "k" * LONGEST_VALUE), "x: longer"),
    (b"call_id=c3&" + b"n" * 300 + b"=1", FORM, ("n" * LONGEST_NAME, "1"), "a name longer"),
    (b"call_id=c3&call_id=c4", FORM, ("call_id", "c3"), "call_id: came more"),
    ("&".join(f"f{i}=1" for i in range(900)).encode(), FORM, ("f99", "1"), "100 fields"),
    (json.dumps({f"f{i}": 1 for i in range(900)}).encode(), JSON, ("f99", 1), "100 fields"),
    (f'{{"call_id":"c3","x":{DEEP}}}'.encode(), JSON, ("x", [[[["…"]]]]), "x: more than 5"),
    (f'{{"call_id":"c3","x":{TOO_DEEP_FOR_PYTHON}}}'.encode(), JSON, ("call_id", "c3"), "x: more"),
    (b'{"call_id":"c3","x":"' + b"k" * 9000 + b'"}', JSON, ("x", "k" * LONGEST_VALUE), "x: long"),
    (b'{"call_id":"c3","x":[' + b"1," * 5000 + b"1]}", JSON, ("call_id", "c3"), "1000 values"),
    (b'{"call_id":"c3","x":"\\ud800"}', JSON, ("x", "?"), "x: half a letter"),
]


@pytest.mark.both_databases
def test_what_is_cut_is_said_back_and_seen(
    client: FlaskClient, admin_browser: Browser, hook: str, step: str, tenant: Tenant
) -> None:
    for body, kind, (name, value), words in CUT:
        answer = client.post(step, data=body, content_type=kind)
        assert answer.status_code == 200
        assert words in answer.text, words
        assert kept()[name] == value
        assert any(words in change for change in kept()[CHANGES])
        assert len(kept()) <= MOST_FIELDS + 1
    page = f"/settings/tenants/{tenant.id}/notifications"
    assert "Not all of it was kept as it came: x: half a letter" in admin_browser.get(page).text
    assert fold_inbox(seconds=60) == len(CUT)
    assert admin_browser.get(page).status_code == 200
    assert "longer than 4000" in client.post(hook, data="x=" + "k" * 5000, content_type=FORM).text


def test_numbers_without_end_are_text(client: FlaskClient, hook: str) -> None:
    body = b'{"call_id": "c3", "duration": ' + b"9" * 5000 + b', "x": 1e999, "y": NaN}'
    assert client.post(hook, data=body, content_type=JSON).status_code == 200
    assert kept()["call_id"] == "c3"
    assert (kept()["x"], kept()["y"], kept()["duration"][:3]) == ("1e999", "nan", "999")
    assert fold_inbox(seconds=60) == 1


QUERIES = [
    ("CallID=k1&queue=Satış", {"CallID": "k1", "queue": "Satış"}),
    ("CallID=k1&queue=Sat%C4%B1%C5%9F", {"CallID": "k1", "queue": "Satış"}),
    (b"CallID=k1&queue=Sat\xfd\xfe", {"CallID": "k1", "queue": "Satış"}),
    ("CallID=k1&queue=Satış ve destek", {"CallID": "k1", "queue": "Satış ve destek"}),
    ("CallID=k1&queue=" + "q" * 3900 + "&x=" + "y" * 3900, {"CallID": "k1", "x": "y" * 3900}),
]


@pytest.mark.parametrize(("query", "fields"), QUERIES)
def test_a_query_is_read_as_it_comes(
    client: FlaskClient, step: str, query: str | bytes, fields: dict[str, str]
) -> None:
    raw = query if isinstance(query, bytes) else query.encode()
    environ = {"QUERY_STRING": raw.decode("latin-1")}
    assert client.get(step, environ_overrides=environ).text == "OK\n"
    assert kept().items() >= fields.items()


def test_an_empty_field_of_the_body_takes_nothing_from_the_query(
    client: FlaskClient, step: str
) -> None:
    query = "CallID=k1&queue=Sales&AgentID="
    client.post(f"{step}?{query}", data={"queue": "", "AgentID": "ayse@demo.example"})
    assert kept() == {"CallID": "k1", "queue": "Sales", "AgentID": "ayse@demo.example"}
    client.post(f"{step}?{query}", json={"queue": None, "CallID": "k2"})
    assert kept() == {"CallID": "k2", "queue": "Sales", "AgentID": ""}


def test_a_form_with_files_is_a_form(client: FlaskClient, hook: str) -> None:
    data = {"call_id": "c3", "agent": "Ayşe", "f": (io.BytesIO(b"x" * 100), "kayıt.wav")}
    answer = client.post(hook, data=data)
    assert (answer.status_code, "f: a file" in answer.text) == (200, True)
    assert kept().items() >= {"call_id": "c3", "agent": "Ayşe", "f": "kayıt.wav"}.items()


@pytest.mark.parametrize(
    "body",
    [
        b'--b\r\nContent-Disposition: form-data; name="call_id"\r\n\r\nc\xfd\r\n--b--\r\n',
        b'--b\r\nContent-Disposition: form-data; name="c\xfd"\r\n\r\nc3\r\n--b--\r\n',
        b'--b\r\nContent-Disposition: form-data; name="call_id"\r\n\r\nc3',
        b"--b\r\n\r\nc3\r\n--b--\r\n",
        b"--b--",
        b"nothing of the sort",
    ],
)
def test_a_broken_form_with_files_is_kept(client: FlaskClient, hook: str, body: bytes) -> None:
    answer = client.post(hook, data=body, content_type="multipart/form-data; boundary=b")
    assert answer.status_code == 200
    assert kept() or body == b"--b--"


def test_a_file_is_no_fault_on_any_page(anonymous: Browser, browser: Browser) -> None:
    for path in ("/login", "/contacts", "/logout", "/dial"):
        for one in (anonymous, browser):
            data = {"f": (io.BytesIO(b"x"), "hostname")}
            assert one.client.post(path, data=data).status_code < 500, path


@pytest.mark.parametrize("kind", [FORM, JSON, "multipart/form-data; boundary=b", "text/plain"])
def test_a_body_in_pieces_over_the_limit_is_refused(
    client: FlaskClient, hook: str, kind: str
) -> None:
    def sent(path: str, body: bytes, kind: str) -> TestResponse:
        """No length is told: the server says where it ends."""
        pieces = {"wsgi.input": io.BytesIO(body), "wsgi.input_terminated": True}
        environ = pieces | {"HTTP_TRANSFER_ENCODING": "chunked", "CONTENT_LENGTH": ""}
        return client.post(path, content_type=kind, environ_overrides=environ)

    answer = sent(hook, b"call_id=c3&x=" + b"k" * 17_000, kind)
    assert (answer.status_code, "16384 bytes" in answer.text) == (413, True)
    assert (inbox_file.move_to_database(), db.session.scalars(select(InboxEntry)).all()) == (0, [])
    assert sent(hook, b"call_id=c3", FORM).status_code == 200
    assert kept() == {"call_id": "c3"}
    assert sent("/login", b"x=" + b"x" * 2_000_000, FORM).status_code == 413


@pytest.mark.both_databases
def test_what_the_page_sends_is_bounded(browser: Browser) -> None:
    cid = "8f0c1f4e-0b1d-4f6e-9a55-0d9d0f2c4b11"
    form = {"type": "IncomingCall", "number": "05320000001", "activecallkey": "k" * 300_000}
    assert browser.post(f"/call-panel/{cid}/messages", form).status_code == 200
    [call] = db.session.scalars(select(Call))
    assert call.activecallkey is None
    browser.post(f"/call-panel/{cid}/notes", {"outcome": "o" * 300_000})
    kept = db.session.scalars(select(CallEvent.payload)).all()
    assert len(kept) == 1  # an outcome that the tenant does not have is not taken
    assert all(len(json.dumps(payload)) < 1000 for payload in kept)
