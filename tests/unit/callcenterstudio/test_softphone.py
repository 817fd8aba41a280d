"""The softphone's address, and the names of its messages."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from crm.callcenterstudio import softphone_url
from crm.callcenterstudio.softphone import MESSAGE_TYPES

PAGE = "https://softphone.example/generic/sso/"


def test_tenant_and_session_are_added_to_the_page() -> None:
    url = softphone_url(PAGE, tenant="demo.callcenterstudio.com", session="ag9z_-K")
    assert url == f"{PAGE}?tenant=demo.callcenterstudio.com&session=ag9z_-K"


def test_the_pages_own_query_stays_and_nothing_is_sent_twice() -> None:
    url = softphone_url(f"{PAGE}?lang=tr&empty=&tenant=old#x", tenant="a&b", session="ş +")
    query = parse_qs(urlsplit(url).query, keep_blank_values=True)
    assert query == {"lang": ["tr"], "empty": [""], "tenant": ["a&b"], "session": ["ş +"]}
    assert urlsplit(url).fragment == "x"


@pytest.mark.parametrize("page", ["", "javascript:alert(1)", "/softphone", "https://"])
def test_a_page_that_is_no_address_is_refused(page: str) -> None:
    with pytest.raises(ValueError, match="softphone page"):
        softphone_url(page, tenant="demo", session="k")


def test_every_message_of_the_examples_has_a_name(wire: Callable[[str], Any]) -> None:
    messages = [json.loads(message) for message in wire("messages.json").values()]
    assert {message["messageType"] for message in messages} == set(MESSAGE_TYPES)
