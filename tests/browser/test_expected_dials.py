"""Which dial a `Dial` message is the answer to: it names a number and nothing else."""

import json
from unittest.mock import patch

from playwright.sync_api import expect
from sqlalchemy import select

from crm.extensions import db
from crm.models import Call, CallEvent
from tests.browser.conftest import KNOWN, Desk
from tests.browser.test_dial import number_of_elif
from tests.browser.test_gate import post_from_the_softphone

FIRST, SECOND = "11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"
LIKE_IT = "+905330000001"  # the last seven digits are those of KNOWN

# What was dialled (a minus: said not to be taken), the messages that come, whose they are.
EXPECTED = {
    "the first comes first": ([KNOWN, KNOWN], ["0532 000 00 01"], [FIRST]),
    "not taken, then the newer": (["-" + KNOWN, KNOWN], ["05320000001"], [SECOND]),
    "and the first after all": (["-" + KNOWN, KNOWN], [KNOWN, KNOWN], [SECOND, FIRST]),
    "not taken, nothing newer": (["-" + KNOWN], [KNOWN], [FIRST]),
    "not taken, newer to somebody else": (["-" + KNOWN, LIKE_IT], [KNOWN], [FIRST]),
    "two numbers that end alike": ([KNOWN, LIKE_IT], ["05330000001"], [SECOND]),
    "both not taken": (["-" + KNOWN, "-" + KNOWN], [KNOWN, KNOWN], [FIRST, SECOND]),
    "withheld, not taken, then newer": (["-", ""], ["90532xxxxxxx"], [SECOND]),
    "a number before a withheld one": (["", KNOWN], [KNOWN, "90532xxxxxxx"], [SECOND, FIRST]),
    "a short number": (["-12", "12"], ["12"], [SECOND]),
    "a SIP address": ([LIKE_IT, KNOWN], ['"Desk 3" <sip:0532 000 00 01@10.0.0.3:5060>'], [SECOND]),
    "a number at a host": ([LIKE_IT, KNOWN], ["905320000001@pbx2;user=phone"], [SECOND]),
}


def test_a_dial_message_belongs_to_the_likeliest_dial(desk: Desk) -> None:
    phone = desk.page.locator("agent-softphone")
    phone.evaluate(
        """(phone) => {
             phone.addEventListener("softphone:message", ({ detail }) => {
               window.owners.push(detail.call);
             });
           }"""
    )
    found = {}
    for case, (dialled, told, _owners) in EXPECTED.items():
        phone.evaluate("(phone, ids) => ids.forEach((id) => phone.forget(id))", [FIRST, SECOND])
        desk.page.evaluate("window.owners = []")
        for cid, number in zip((FIRST, SECOND), dialled, strict=False):
            phone.evaluate(
                "(phone, [cid, number]) => phone.expect(cid, number)",
                [cid, number.removeprefix("-")],
            )
            if number.startswith("-"):
                phone.evaluate("(phone, cid) => phone.doubt(cid)", cid)
        for number in told:
            post_from_the_softphone(desk, json.dumps({"messageType": "Dial", "number": number}))
        desk.page.wait_for_function("many => window.owners.length === many", arg=len(told))
        found[case] = (dialled, told, desk.page.evaluate("window.owners"))
    assert found == EXPECTED


def test_dialled_again_after_it_was_not_taken_it_is_one_call(desk: Desk) -> None:
    number = number_of_elif(desk)
    desk.page.clock.install()
    with patch.object(desk.simulator.switchboard.control, "click2call"):
        number.click()
        expect(desk.card).to_contain_text("Dialling")
    desk.page.clock.fast_forward(11_000)
    expect(desk.card).to_contain_text("did not take this call")
    desk.card.get_by_role("button", name="Dial again").click()
    expect(desk.card).to_contain_text("Talking")
    desk.hang_up()
    expect(desk.page.locator("#main")).to_contain_text("ANSWER")
    with desk.crm.app.app_context():
        first, second = db.session.scalars(select(Call).order_by(Call.id))
        of_second = select(CallEvent.source).where(CallEvent.call_id == second.id)
        told = {source.value for source in db.session.scalars(of_second)}
        db.session.remove()
    assert (first.dial_problem, first.activecallkey) == ("not_taken", None)
    assert (second.dial_problem, second.answered) == ("", True)
    assert "browser" in told
    assert told & {"hangup", "cdr"}
