"""Every shipped scenario played to its end, what stops one, and files that are none."""

from pathlib import Path
from typing import Any

import pytest

from crm.simulator.scenario_files import ScenarioError, read_scenario, read_scenarios
from crm.simulator.seed import DEMO
from crm.simulator.switches import Switches
from tests.unit.simulator.world import AYSE, World

MEHMET = "mehmet@demo.example"
HOOK = "http://crm.test/webhooks/hangup/secret"
TALKED = (True, True, "ANSWER", AYSE)
REACHED = (False, True, "ANSWER", AYSE)
# Direction (inbound?), answered, disposition and agent of the calls that each leaves behind.
ENDS: dict[str, list[tuple[object, ...]]] = {
    "first-time-caller": [TALKED],
    "vip": [TALKED],
    "shared-number": [TALKED],
    "masked-number": [TALKED],
    "missed-call": [(True, False, "NOANSWER", AYSE), REACHED],
    "queue-burst": [TALKED, TALKED, (True, False, "NOANSWER", "")],
    "transfer": [TALKED, (True, True, "ANSWER", MEHMET)],
    "refused-number": [(False, None, "BUSY", AYSE)],
    "session-expires": [TALKED],
    "api-down": [TALKED],
    "api-slow": [TALKED],
    "api-nonsense": [TALKED],
    "webhooks-lost": [REACHED],
    "webhooks-doubled": [REACHED],
    "webhooks-late": [REACHED],
}
HEAD = 'title = "T"\nsee = "S"\n'


def play(world: World, name: str, **wish: Any) -> Any:
    return world.console(f"scenarios/{name}/play", agent=AYSE, **wish)


def run(world: World) -> Any:
    return world.state()["scenario"]


def left_behind(world: World) -> list[tuple[object, ...]]:
    names = ("inbound", "answered", "disposition", "agentid")
    everything = world.board.records.everything(DEMO, None)
    left: list[tuple[object, ...]] = [
        tuple(record.data[name] for name in names) for record in everything
    ]
    return sorted(left, key=str)


def test_every_shipped_scenario_has_an_end_here_and_all_its_words_in_both_languages() -> None:
    scenarios = read_scenarios()
    assert set(scenarios) == set(ENDS)
    for scenario in scenarios.values():
        texts = [scenario.title, scenario.about, scenario.see]
        texts += [text for step in scenario.steps for text in (step.say, step.see) if text]
        assert all(set(text) == {"en", "tr"} and all(text.values()) for text in texts)


@pytest.mark.parametrize("name", ENDS)
def test_a_scenario_plays_by_itself_to_its_end_and_leaves_nothing_switched(name: str) -> None:
    world = World(with_history=False)
    play(world, name, by_itself=True)
    world.time.pass_seconds(120)
    assert (run(world)["state"], run(world)["why"]) == ("done", "")
    assert left_behind(world) == sorted(ENDS[name], key=str)
    state = world.state()
    assert state["calls"] == []
    assert state["switches"] == Switches().as_dict()
    assert {agent["softphone"] for agent in state["tenants"][0]["agents"]} == {"offline"}


@pytest.mark.parametrize(
    ("name", "at_once", "after_ten_seconds"),
    [("webhooks-lost", 0, 0), ("webhooks-doubled", 2, 2), ("webhooks-late", 0, 1)],
)
def test_webhooks_of_a_dial_from_the_crm_meet_their_fault(
    name: str, at_once: int, after_ten_seconds: int, world: World
) -> None:
    session = world.open_softphone()
    play(world, name)
    world.dial(session, hangup_url=HOOK, transactionid="t-1")
    world.time.pass_seconds(4)
    assert run(world)["at"] == 3, "both sides talk"
    world.ask("click2hang", session=session)
    world.time.pass_seconds(1)
    assert len(world.posts) == at_once
    world.time.pass_seconds(10)
    assert len(world.posts) == after_ten_seconds
    world.time.pass_seconds(10)
    assert run(world)["state"] == "done"


def test_it_waits_for_the_person_at_the_desk(world: World) -> None:
    world.open_softphone()
    assert play(world, "vip")["state"] == "playing"
    world.time.pass_seconds(60)
    assert (run(world)["at"], world.call()["state"]) == (1, "ringing")
    world.agent(world.call(), "answer")
    world.time.pass_seconds(1)
    assert run(world)["at"] == 2
    world.time.pass_seconds(8)
    world.agent(world.call(), "hang-up")
    world.time.pass_seconds(1)
    assert run(world)["state"] == "done"


def test_stopped_in_the_middle_its_callers_hang_up_and_its_switches_go_back(world: World) -> None:
    world.open_softphone()
    world.console("switches", api_answers="429")
    play(world, "api-down")
    assert (world.state()["switches"]["api_answers"], len(world.state()["calls"])) == ("500", 1)
    world.console("scenarios/stop")
    assert (world.state()["switches"]["api_answers"], world.state()["calls"]) == ("429", [])
    assert run(world)["state"] == "stopped"
    world.console("scenarios/stop")


def test_a_call_that_ends_too_early_and_a_person_who_never_comes_end_it_with_a_sentence(
    world: World,
) -> None:
    world.open_softphone()
    play(world, "vip")
    world.far_side(world.call(), "hang-up")
    world.time.pass_seconds(1)
    assert (run(world)["state"], run(world)["why"]) == (
        "failed",
        "The call was over before this step.",
    )
    play(world, "refused-number")
    world.time.pass_seconds(601)
    assert run(world)["why"] == "It waited too long for this step."
    assert world.state()["switches"] == Switches().as_dict()


def test_what_cannot_be_played_is_refused_in_words(world: World) -> None:
    def refusal(name: str, **wish: object) -> tuple[int, str]:
        answer = world.client.post(f"/console/api/scenarios/{name}/play", json=wish)
        return answer.status_code, answer.get_json()["error"]

    assert refusal("nothing", agent=AYSE)[0] == 404
    assert refusal("vip", agent="nobody")[0] == 404
    status, why = refusal("vip", agent=AYSE)
    assert (status, "no softphone open" in why) == (409, True)
    world.open_softphone()
    play(world, "vip")
    assert "Stop it first" in refusal("vip", agent=AYSE)[1]
    world.console("scenarios/stop")
    world.console("scenarios/transfer/play", agent="jonas@second.example", by_itself=True)
    assert run(world)["why"].startswith("This agent has no colleague")


def test_a_reset_takes_the_scenario_and_its_calls_away(world: World) -> None:
    world.open_softphone()
    before = world.state()
    play(world, "api-slow")
    world.console("softphones/mehmet@demo.example/break", on_break=True)
    world.agent(world.call(), "answer")
    world.console("reset", sign_out=False)
    assert world.state() == before


def test_it_is_told_in_the_language_of_the_request(world: World) -> None:
    def titles(language: str) -> set[str]:
        headers = {"Accept-Language": language}
        told = world.client.get("/console/api/scenarios", headers=headers).get_json()["scenarios"]
        return {scenario["title"] for scenario in told}

    assert "A VIP" in titles("en")
    assert "Önemli bir müşteri" in titles("tr")


def test_a_folder_of_ones_own_adds_scenarios_and_replaces_shipped_ones(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text(HEAD + '[[step]]\nring = "112"\n', encoding="utf-8")
    (tmp_path / "01-vip.toml").write_text(HEAD + "[[step]]\npause = 1\n", encoding="utf-8")
    world = World(scenarios=tmp_path)
    told = world.client.get("/console/api/scenarios").get_json()["scenarios"]
    by_name = {scenario["name"]: scenario for scenario in told}
    assert by_name["mine"]["group"] == by_name["vip"]["group"] == "own"
    assert len(told) == len(ENDS) + 1
    with pytest.raises(ScenarioError, match="is not a folder"):
        read_scenarios(tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("text", "line", "why"),
    [
        ("title = \n", "line 1", "Invalid value"),
        (HEAD, "line 1", r"there is no \[\[step\]\]"),
        ('title = "T"\n[[step]]\npause = 1', "line 1", "see is missing"),
        (HEAD + 'group = "mine"\n[[step]]\npause = 1', "line 3", "group is one of callers"),
        (HEAD + 'titel = "T"\n[[step]]\npause = 1', "line 3", "“titel” is not known here"),
        (HEAD + "title.de = 1\n[[step]]\npause = 1", "line 3", "Cannot"),
        (
            'title.de = "T"\nsee = "S"\n[[step]]\npause = 1',
            "line 1",
            "told in en and tr, not in de",
        ),
        (HEAD + '[[step]]\nsay = "x"', r"line 3 \(step 1\)", "has one of ring, wait"),
        (HEAD + '[[step]]\npause = 1\nring = "1"', r"line 3 \(step 1\)", "has ring and pause"),
        (HEAD + "[[step]]\npause = 1\n\n[[step]]\npause = -1", r"line 7 \(step 2\)", "from 0 to"),
        (HEAD + '[[step]]\nring = "1"\nloud = true', r"line 5 \(step 1\)", "“loud” is not known"),
        (HEAD + "[[step]]\nring = 112", r"line 4 \(step 1\)", "ring is a text"),
        (HEAD + '[[step]]\nring = "1"\nmasked = "yes"', "line 5", "true or false"),
        (
            HEAD + '[[step]]\nring = "1"\n[[step]]\nwait = "gone"',
            r"line 6 \(step 2\)",
            "wait is one",
        ),
        (HEAD + '[[step]]\nwait = "ended"', "line 4", "no call is there yet"),
        (HEAD + '[[step]]\nring = "1"\n[[step]]\nwait = "ended"\ncall = "b"', "line 7", "“b”"),
        (HEAD + '[[step]]\nring = "1"\n[[step]]\npress = "transfer"', "line 6", "to = "),
        (HEAD + "[[step]]\nswitches = { nothing = 1 }", "line 4", "no switch named nothing"),
        (HEAD + "[[step]]\nswitches = { slow_seconds = 99 }", "line 4", "from 0 to 60"),
    ],
)
def test_a_bad_file_is_refused_with_its_line(
    text: str, line: str, why: str, tmp_path: Path
) -> None:
    path = tmp_path / "bad.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ScenarioError, match=f"bad.toml.*{line}.*{why}|bad.toml.*{why}.*{line}"):
        read_scenario(path)
