"""What the demo's company is like: its agents' habits, its queues, what they write about a call.

`company_days` draws the company's days from it.
"""

from dataclasses import dataclass

KNOWN_SHARE, ANONYMOUS_SHARE = 0.78, 0.02  # of the calls
TAKEN_BACK, WRITTEN_UP = 0.78, 0.9  # of the dials that are answered; of the conversations
LONGEST_TALK = 600  # seconds
MISSED_AT_WEEKENDS = {5: ((11, 10.1), (14, 10.4)), 6: ((12, 10.7),)}
# How much goes on in each hour of a working day.
HOURS = {9: 1.0, 10: 1.1, 11: 1.0, 12: 0.5, 13: 0.7, 14: 1.0, 15: 0.9, 16: 0.8, 17: 0.5}


@dataclass(frozen=True)
class Habit:
    """How an agent works. Hours of the day, shares of 1, and `busy` beside the colleagues."""

    email: str
    busy: float
    comes: int
    goes: int
    lunch: int
    inbound: float
    notes: float
    seconds: float  # a usual conversation


@dataclass(frozen=True)
class Company:
    """A tenant's people, its queues, and how many calls an hour of work has."""

    timezone: str
    calls_a_day: int
    habits: tuple[Habit, ...]
    queues: tuple[tuple[str, float], ...]
    # Calls that nobody takes on a working day: the hour of each, and the hour of the call back,
    # which for the late ones is on the next working day.
    missed: tuple[tuple[int, float], ...]
    missed_late: tuple[tuple[int, float], ...]
    strangers: tuple[str, ...]  # patterns of numbers that no contact has
    customers: tuple[str, ...]  # how the numbers of its contacts begin


COMPANIES = {
    "demo": Company(
        "Europe/Istanbul",
        28,
        (
            Habit("ayse@demo.example", 1.0, 9, 17, 12, 0.85, 0.7, 150),
            Habit("mehmet@demo.example", 0.9, 10, 18, 13, 0.65, 0.35, 240),
            Habit("deniz@demo.example", 0.25, 9, 18, 12, 0.7, 0.5, 200),
        ),
        (("Support", 0.5), ("Sales", 0.3), ("Billing", 0.2)),
        ((8, 14.2), (8, 15.2), (12, 16.6)),
        ((17, 9.1), (17, 9.5)),
        ("+90534000{:04}", "+90216000{:04}"),
        ("+90", "+44"),
    ),
    "second": Company(
        "Europe/Berlin",
        12,
        (Habit("jonas@second.example", 1.0, 9, 18, 12, 0.65, 0.5, 180),),
        (("Service", 0.6), ("Orders", 0.4)),
        ((8, 14.2),),
        ((17, 9.1),),
        ("+4930231259{:02}",),
        ("+49", "+33"),
    ),
}
OUTCOMES = {
    "Sales": (("sale", 0.4), ("follow_up", 0.25), ("resolved", 0.25), ("other", 0.1)),
    "": (("resolved", 0.7), ("follow_up", 0.15), ("sale", 0.1), ("other", 0.05)),
}
NOTES = {
    "resolved": (
        "Explained the new tariff; nothing left to do.",
        "Told them the delivery date.",
        "Sent the invoice again by e-mail.",
        "Reset the password together; works now.",
        "Address changed in the order.",
        "Return label sent.",
    ),
    "sale": (
        "Ordered two more licences.",
        "Takes the yearly plan, contract is on its way.",
        "Ordered the larger model for the new office.",
    ),
    "follow_up": (
        "Wants to speak to a technician; call back.",
        "Needs an offer in writing, then call again.",
        "Invoice was wrong; sent it to billing, call back.",
        "Decides after the meeting, call again.",
    ),
    "other": ("Asked for the opening hours.", "Wanted another department."),
    "wrong_number": ("Wrong number.",),
}
# The customer whom the demo's stories are about calls on Tuesdays and Fridays.
ELIF_CALLS_ON = (1, 4)
ELIF_CALLS_AT = (10.1, 11.1, 13.1, 15.6)  # hours; between the calls back
ELIF_NOTES = (
    ("follow_up", "Invoice of last month was wrong; sent it to billing, call her back."),
    ("resolved", "Told her the new delivery date, she is content."),
    ("follow_up", "Asked for an offer for three more licences; call her back."),
    ("resolved", "Went through the new invoice together."),
    ("sale", "Ordered one more licence."),
)
