"""Compares the calls on record with what the simulator says happened; `bench.webhooks` calls it."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, select

from crm.models import Call


@dataclass(frozen=True)
class Compared:
    """Calls that were told of, beside what happened. waiting: they have no record yet, so nothing
    more is known of them; wrong: complete, and not as it happened.
    """

    lost: int
    doubled: int
    wrong: int
    waiting: int


def compare(engine: Engine, records: list[Any]) -> Compared:
    """The calls on record with what happened. The records by dates bring other calls, too; a call
    that waits for the record of its key may stand there a second time, without the key.
    """
    with engine.connect() as connection:
        rows = connection.execute(select(Call.__table__)).all()
    by_key = {row.activecallkey: row for row in rows if row.activecallkey}
    found = [(by_key.get(told["activecallkey"]), told) for told in records]
    complete = [(row, told) for row, told in found if row is not None and row.complete]
    own = {row.id for row, _told in complete}
    keys = {told[name] for _row, told in complete for name in ("callkey", "uniqueid")}
    doubles = [
        row
        for row in rows
        if row.id not in own
        and ({row.callkey, row.transaction_id} & keys or not (row.callkey or row.activecallkey))
    ]
    lost = sum(row is None for row, _told in found)
    return Compared(
        lost=lost,
        doubled=len(doubles),
        wrong=sum(not _as_it_happened(row, told) for row, told in complete),
        waiting=len(records) - lost - len(complete),
    )


def _as_it_happened(row: Any, told: Any) -> bool:
    record = told["record"]
    pairs = [
        (row.callkey, told["callkey"]),
        (row.direction, "inbound" if record["inbound"] else "outbound"),
        (row.answered, bool(record["answered"])),
        (row.talk_seconds, record["duration"]),
        (row.wait_seconds, record["waitduration"]),
        (row.queue, record["queue"]),
        (row.disposition, record["disposition"]),
    ]
    return all(mine == theirs for mine, theirs in pairs)
