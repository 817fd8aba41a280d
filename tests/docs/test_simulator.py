"""docs/simulator.md: its example is a scenario, its commands work, and it names all there is."""

import os
import re
from dataclasses import fields
from pathlib import Path

from crm.simulator import create_simulator
from crm.simulator.scenario_files import ACTIONS, read_scenarios
from crm.simulator.switches import Switches
from tests.docs import walk
from tests.docs.test_commands import needs
from tests.unit.simulator.world import AYSE, World
from tests.world import running_simulator

DOCUMENT = walk.ROOT / "docs/simulator.md"
TEXT = DOCUMENT.read_text(encoding="utf-8")


def named(pattern: str, text: str = TEXT) -> set[str]:
    """What stands in backquotes at the beginning of a table's rows."""
    rows = re.findall(r"^\| (`.*?`) \|", text, re.MULTILINE)
    return {name for row in rows for name in re.findall(pattern, row)}


def test_the_example_is_a_scenario_that_plays_to_its_end(tmp_path: Path) -> None:
    [example] = [block.text for block in walk.blocks_of(DOCUMENT) if block.language == "toml"]
    (tmp_path / "late-delivery.toml").write_text(example, encoding="utf-8")
    world = World(scenarios=tmp_path)
    world.console("scenarios/late-delivery/play", agent=AYSE, by_itself=True)
    world.time.pass_seconds(60)
    assert (world.state()["scenario"]["state"], world.state()["calls"]) == ("done", [])


def test_every_command_in_curl_works(tmp_path: Path) -> None:
    needs("curl")
    with running_simulator() as simulator:
        here = {"http://127.0.0.1:5001": simulator.url}
        walk.run(DOCUMENT, "simulator", tmp_path, {"PATH": os.environ["PATH"]}, words=here)
        board = simulator.switchboard
        assert (board.switches, board.open_calls()) == (Switches(), [])
        assert len(board.kept_histories) == 1


def test_it_names_every_address_switch_scenario_and_step_and_no_other() -> None:
    rules = {
        f"{method} {re.sub(r'<int:[a-z]+>', '<id>', rule.rule)}"
        for rule in create_simulator().url_map.iter_rules()
        if rule.rule.startswith("/console/")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert named(r"`((?:GET|POST) /console/[^`]*)`") == rules
    switches = TEXT.partition("### Switches")[2]
    assert named(r"`(\w+)`", switches) == {field.name for field in fields(Switches)}
    scenarios, _, own = TEXT.partition("## Scenarios")[2].partition("### Your own")
    assert named(r"`([\w-]+)`", scenarios) == set(read_scenarios())
    assert named(r"`(\w+) = ", own.partition("## Without")[0]) == set(ACTIONS)
