"""README, docs and changelog name what there is, and nothing that is not there.

A new setting, command, option, route or make target fails here until it is documented. The commands
in the docs: test_commands.py.
"""

import re
import subprocess
import tomllib
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import click
import pytest
from flask import Flask

from crm.callcenterstudio import HangupReport
from crm.callcenterstudio.dispositions import DISPOSITIONS
from crm.callcenterstudio.webhooks import MEANINGS
from crm.settings import Settings

ROOT = Path(__file__).parents[2]
SETTINGS = (ROOT / "docs/settings.md").read_text(encoding="utf-8")
WEBHOOKS = (ROOT / "docs/webhooks.md").read_text(encoding="utf-8")
ARCHITECTURE = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
CHANGELOG = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
EXAMPLE = (ROOT / ".env.example").read_text(encoding="utf-8")
ISLAND = ("softphone.js", "softphone-calls.js")
FLASKS_OWN = {"run", "shell", "routes"}
PUBLIC_ADDRESSES = ("/login", "/contacts", "/contacts/new", "/calls", "/settings", "/healthz")


class Asked(dict[str, str]):
    """An environment that remembers which of its variables were read."""

    def __init__(self) -> None:
        super().__init__(SECRET_KEY="k" * 40)
        self.names: set[str] = set()

    def get(self, name: str, default: str | None = None) -> str | None:  # type: ignore[override]
        self.names.add(name)
        return super().get(name, default)


def documents() -> list[Path]:
    kept = [ROOT / name for name in _tracked() if name.endswith(".md")]
    assert ROOT / "README.md" in kept
    return [path for path in kept if path.exists()]


def _tracked() -> list[str]:
    """All files of the project: git knows them; a copy without git is searched."""
    if (ROOT / ".git").exists():
        listed = subprocess.run(
            ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
            cwd=ROOT,
            capture_output=True,
            check=True,
            text=True,
        )
        return [name for name in listed.stdout.split("\0") if name]
    hidden = {".venv", "node_modules", "instance", "__pycache__"}
    paths = (path.relative_to(ROOT) for path in ROOT.rglob("*") if path.is_file())
    return [str(path) for path in paths if not hidden.intersection(path.parts)]


def _settings_read() -> set[str]:
    environment = Asked()
    Settings.from_environ(environment)
    assert "DATABASE_URL" in environment.names
    return environment.names


@pytest.mark.parametrize("name", sorted(_settings_read()))
def test_every_setting_is_in_the_docs_and_in_the_example(name: str) -> None:
    assert f"| `{name}` |" in SETTINGS
    assert re.search(rf"^(# )?{name}=", EXAMPLE, re.MULTILINE)


def test_the_docs_name_no_setting_that_is_not_read_and_the_defaults_are_right() -> None:
    table = SETTINGS.split("## Settings of an installation")[1].split("### ")[0]
    rows = dict(re.findall(r"^\| `([A-Z_]+)` \| (.*?) \|", table, re.MULTILINE))
    assert set(rows) == _settings_read()
    defaults = Settings.from_environ({"SECRET_KEY": "k" * 40})
    for name, told in rows.items():
        if number := re.fullmatch(r"`(\d+)`", told):
            assert getattr(defaults, name.lower()) == int(number[1])


def test_every_variable_that_the_code_reads_is_in_the_docs() -> None:
    read = set()
    for path in [ROOT / "gunicorn.conf.py", *(ROOT / "crm").rglob("*.py")]:
        named = r"""os\.environ(?:\.get\(|\[)["']([A-Z_]+)["']|\bsecret\("([A-Z_]+)\""""
        read |= {first or second for first, second in re.findall(named, path.read_text())}
    assert {"APP_TOKEN", "PASSWORD", "PORT"} <= read
    assert [name for name in sorted(read) if f"| `{name}` |" not in SETTINGS] == []


def test_every_command_and_option_is_in_the_docs_and_no_other(app: Flask) -> None:
    leaves = [
        leaf
        for name, command in app.cli.commands.items()
        if name not in FLASKS_OWN
        for leaf in _leaves(name, command)
        if name != "db"  # Flask-Migrate's own; the docs name what is needed of it
    ]
    table = SETTINGS.split("## Commands")[1]
    named = set(re.findall(r"^\| `flask ([a-z -]+[a-z])", table, re.MULTILINE)) - {"db upgrade"}
    assert named == {path for path, _ in leaves}
    options = [f"{path} {option}" for path, leaf in leaves for option in _options(leaf)]
    assert options == []


def _leaves(path: str, command: click.Command) -> Iterator[tuple[str, click.Command]]:
    if not isinstance(command, click.Group):
        yield path, command
        return
    for name, child in command.commands.items():
        yield from _leaves(f"{path} {name}", child)


def _options(command: click.Command) -> list[str]:
    """The options that the docs do not name."""
    names = [
        name
        for parameter in command.params
        if isinstance(parameter, click.Option)
        for name in parameter.opts
    ]
    return [name for name in names if not re.search(rf"{name}\b", SETTINGS)]


def test_every_make_target_that_is_named_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = {
        target
        for path in documents()
        for target in re.findall(r"(?:`|^)make ([a-z-]+)", path.read_text(), re.MULTILINE)
    }
    assert named <= targets
    helped = set(re.findall(r"^([a-z]+):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert helped - named == set()


def test_every_route_is_documented_and_every_documented_route_is_there(app: Flask) -> None:
    addresses = ARCHITECTURE.split("## Addresses")[1]
    documented = set(re.findall(r"`((?:GET|POST) /[^`]*)`", addresses))
    routes = {
        f"{method} {re.sub(r'<int:[a-z]+_id>', '<id>', rule.rule)}"
        for rule in app.url_map.iter_rules()
        if rule.endpoint != "static"
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert documented == routes


@pytest.mark.parametrize("address", PUBLIC_ADDRESSES)
def test_the_docs_name_the_public_addresses(address: str) -> None:
    assert re.search(rf"`(?:GET )?{address}`", ARCHITECTURE)


def test_links_and_paths_lead_somewhere() -> None:
    lost = []
    for path in documents():
        text = path.read_text(encoding="utf-8")
        if "static/vendor" not in str(path) and "node_modules" not in str(path):
            lost += [f"{path.relative_to(ROOT)}: {link}" for link in _broken(path, text)]
    assert lost == []


def _broken(path: Path, text: str) -> Iterator[str]:
    for link in re.findall(r"\]\(([^)\s]+)\)", text):
        if not link.startswith(("http://", "https://")):
            file, _, anchor = link.partition("#")
            target = path.parent / file if file else path
            if not target.exists() or (anchor and anchor not in _anchors(target)):
                yield link
    rooms = r"`((?:crm|static|templates|tests|docs|bench|examples|deploy)/[\w./-]*)`"
    for name in re.findall(rooms, text):
        if not (ROOT / name).exists():
            yield name


def _anchors(document: Path) -> set[str]:
    """The headings as GitHub makes addresses of them: lower case, hyphens for spaces, no signs."""
    without_code = re.sub(r"^```.*?^```$", "", document.read_text(), flags=re.MULTILINE | re.DOTALL)
    headings = re.findall(r"^#+ (.+)$", without_code, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings}


def test_what_is_to_be_copied_needs_nothing_beside_it() -> None:
    for name in ISLAND:
        script = (ROOT / "static/js" / name).read_text()
        imported = re.findall(r"""(?:\bfrom|\bimport|\bimport\()\s*["'`](.+?)["'`]""", script)
        assert {Path(other).name for other in imported} <= set(ISLAND), name
    for path in (ROOT / "crm/callcenterstudio").glob("*.py"):
        assert not re.search(r"^\s*(from|import) crm\b", path.read_text(), re.MULTILINE), path.name


def test_every_decision_has_context_decision_consequences_and_stands_in_the_list() -> None:
    listed = (ROOT / "docs/adr/README.md").read_text()
    numbers = []
    for path in sorted((ROOT / "docs/adr").glob("[0-9]*.md")):
        text = path.read_text()
        numbers.append(int(path.name[:4]))
        assert text.startswith(f"# {numbers[-1]}. "), path.name
        assert all(f"## {part}" in text for part in ("Context", "Decision", "Consequences"))
        assert path.name in listed
    assert numbers == list(range(1, len(numbers) + 1))


def test_the_changelog_has_this_version() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    headings = re.findall(r"^## \[(.+?)\]", CHANGELOG, re.MULTILINE)
    assert headings[0] == "Unreleased"
    assert version in headings


def test_every_chapter_is_in_the_list_of_chapters() -> None:
    chapters = (ROOT / "docs/README.md").read_text()
    there = {path.name for path in (ROOT / "docs").glob("*.md")} - {"README.md"}
    assert [name for name in sorted(there) if f"]({name})" not in chapters] == []


def test_the_docs_have_every_field_of_a_webhook_and_no_other() -> None:
    posts, notifications = WEBHOOKS.split("## The hangup post")[1].split("## The notification")
    named = re.findall(r"^\| `(\w+)` \|", posts, re.MULTILINE)
    assert set(named) == {one.name for one in fields(HangupReport)} - {"problems"}
    rows = re.findall(r"^\| `(\w+)` \| (.*?) \|", notifications, re.MULTILINE)
    assert {meaning: tuple(re.findall(r"`(\w+)`", names)) for meaning, names in rows} == MEANINGS
    assert all(f"`{word}`" in posts for word in DISPOSITIONS)


def test_what_troubleshooting_quotes_is_what_the_screen_says() -> None:
    catalogue = (ROOT / "crm/translations/tr/LC_MESSAGES/messages.po").read_text()
    said = re.sub(r'"\n"', "", catalogue)
    table = (ROOT / "docs/troubleshooting.md").read_text().partition("## No phone")[2]
    quoted = re.findall(r"(?<!\*)\*([^*]+)\*(?!\*)", table)
    parts = [part.strip() for words in quoted for part in words.split("…") if part.strip(" .")]
    assert len(parts) > 15
    assert [part for part in parts if part not in said] == []
