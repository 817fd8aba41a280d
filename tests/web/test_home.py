"""The bare address, which is what a person types."""

from tests.web.browser import Browser


def test_it_leads_an_agent_to_the_contacts(browser: Browser) -> None:
    answer = browser.get("/")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/contacts")


def test_it_leads_a_visitor_to_the_login(anonymous: Browser) -> None:
    answer = anonymous.get("/")
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/login")
