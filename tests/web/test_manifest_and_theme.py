"""Chrome may install the desk as an app: manifest and icons are there. Light or dark by choice."""

from flask.testing import FlaskClient


def test_the_manifest_names_icons_that_are_there(client: FlaskClient) -> None:
    assert 'rel="manifest" href="/manifest.webmanifest"' in client.get("/login").text
    answer = client.get("/manifest.webmanifest")
    assert answer.mimetype == "application/manifest+json"
    said = answer.get_json()
    assert said["name"] == "Contact desk"
    assert (said["start_url"], said["scope"], said["display"]) == ("/", "/", "standalone")
    sizes = {icon["sizes"] for icon in said["icons"]}
    assert {"192x192", "512x512"} <= sizes  # what Chrome asks of an app
    for icon in said["icons"]:
        with client.get(icon["src"]) as found:
            assert (found.status_code, found.mimetype) == (200, icon["type"])


def test_the_chosen_appearance_is_in_the_page_and_nonsense_is_not(client: FlaskClient) -> None:
    client.set_cookie("theme", "dark")
    assert 'data-theme="dark"' in client.get("/login").text
    client.set_cookie("theme", "x onload=1")
    assert "data-theme=" not in client.get("/login").text
