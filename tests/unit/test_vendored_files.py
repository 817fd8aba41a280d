"""Vendored files are what their README says: the sums match, each has its licence beside it."""

import hashlib
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROW = re.compile(r"^\| (\S+) \| \S+ \| [\d.]+ \| (.+?) \| `([0-9a-f]{64})` \|$", re.MULTILINE)
FOLDERS = [ROOT / "static" / "vendor", ROOT / "tests" / "vendor"]


def told(folder: Path) -> dict[str, tuple[str, str]]:
    """What the README of a folder says: file -> (licence, sum)."""
    rows = ROW.findall((folder / "README.md").read_text())
    return {name: (licence, total) for name, licence, total in rows}


@pytest.mark.parametrize("folder", FOLDERS, ids=["static", "tests"])
def test_every_file_is_in_the_readme_with_its_sum(folder: Path) -> None:
    sums = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.iterdir()
        if path.suffix in {".js", ".css", ".svg"}
    }
    assert {name: total for name, (_, total) in told(folder).items()} == sums


@pytest.mark.parametrize("folder", FOLDERS, ids=["static", "tests"])
def test_every_file_has_its_licence_beside_it(folder: Path) -> None:
    for licence, _ in told(folder).values():
        for name in re.findall(r"[\w.-]+\.txt", licence):
            assert (folder / name).read_text().strip()


def test_every_icon_that_a_template_names_is_in_the_sprite() -> None:
    sprite = (ROOT / "static" / "vendor" / "lucide.svg").read_text()
    known = set(re.findall(r'<symbol id="([\w-]+)"', sprite))
    for template in (ROOT / "templates").rglob("*.html"):
        named = set(re.findall(r"""\bicon\(["']([\w-]+)["']""", template.read_text()))
        assert named <= known, template.name
