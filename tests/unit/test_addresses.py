"""No address is written out: a CRM below a path of its host would leave that path.

Templates and Python make addresses with `url_for`, scripts take them from the page. See
crm/web/path_prefix.py.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

ROOT = Path(__file__).parents[2]
# The simulator is a website of its own; a probe of a process needs no proxy.
NOT_OURS = ("crm/simulator/", "crm/migrations/")
PROBES = {("crm/cli/demo/__init__.py", "/healthz")}
ROUTES = {"route", "get", "post", "Blueprint", "add_url_rule"}
COMMENTS = re.compile(r"\{#.*?#\}|/\*.*?\*/|(?m:^\s*//[^\n]*$)", re.DOTALL)


@pytest.fixture
def written(app: Flask) -> re.Pattern[str]:
    """The beginning of an address of the CRM."""
    first = {rule.rule.split("/")[1] for rule in app.url_map.iter_rules()} - {""}
    return re.compile(rf"/(?:{'|'.join(sorted(first))})(?![\w.-])")


@pytest.mark.parametrize("folder", ["templates", "static/js"])
def test_no_template_and_no_script_writes_one(written: re.Pattern[str], folder: str) -> None:
    known = rf"""["'`=]\s*{written.pattern}"""
    any_other = r"""\b(?:(?:href|src|action|hx-\w+)=|fetch\()["'`]?/"""
    for path in sorted((ROOT / folder).rglob("*.*")):
        text = COMMENTS.sub("", path.read_text())
        found = re.finditer(f"{known}|{any_other}", text)
        assert [text[one.start() : one.start() + 60] for one in found] == [], path


def test_no_module_writes_one(written: re.Pattern[str]) -> None:
    for path in sorted((ROOT / "crm").rglob("*.py")):
        name = path.relative_to(ROOT).as_posix()
        if not name.startswith(NOT_OURS):
            texts = _beginnings(ast.parse(path.read_text()))
            found = {text for text in texts if written.match(text)}
            assert {text for text in found if (name, text) not in PROBES} == set(), name


def _beginnings(tree: ast.AST) -> Iterator[str]:
    """Every text, and the beginning of every f-string, that is no path of a route."""
    if isinstance(tree, ast.Call):
        called = tree.func.attr if isinstance(tree.func, ast.Attribute) else None
        called = tree.func.id if isinstance(tree.func, ast.Name) else called
        if called in ROUTES:
            return
    if isinstance(tree, ast.JoinedStr):
        parts = tree.values
        tree = parts[0] if parts else tree
    if isinstance(tree, ast.Constant) and isinstance(tree.value, str):
        yield tree.value
    for child in ast.iter_child_nodes(tree):
        yield from _beginnings(child)
