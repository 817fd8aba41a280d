"""Inserts many rows of one table at once, by the driver's own `executemany`.

The import of records (`crm.calls.record_page`) writes its pages so. SQLAlchemy compiles the
statement and knows how each type is stored; its work for every row of parameters is left out.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Dialect, Table, insert

Stored = Callable[[Any], Any]


def insert_rows(connection: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    """Insert rows that have the same columns. Defaults of the model are not filled in."""
    sql, stored, by_place = _statement(connection.dialect, table, tuple(rows[0]))
    if by_place:
        values: Any = [tuple(as_it_is(row[name]) for name, as_it_is in stored) for row in rows]
    else:
        values = [{name: as_it_is(row[name]) for name, as_it_is in stored} for row in rows]
    connection.exec_driver_sql(sql, values)


@lru_cache(maxsize=16)
def _statement(
    dialect: Dialect, table: Table, names: tuple[str, ...]
) -> tuple[str, list[tuple[str, Stored]], bool]:
    """The words for the driver, how each value is stored, whether values are given by place."""
    compiled = insert(table).inline().compile(dialect=dialect, column_keys=list(names))
    stored: list[tuple[str, Stored]] = []
    for name in compiled.positiontup or names:
        kind = table.c[name].type.dialect_impl(dialect)
        stored.append((name, kind.bind_processor(dialect) or _unchanged))
    return str(compiled), stored, compiled.positiontup is not None


def _unchanged(value: Any) -> Any:
    return value
