"""What a load balancer sees."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy import create_engine, make_url, text

from crm.extensions import db


@pytest.mark.both_databases
def test_it_says_that_process_and_database_are_there(client: FlaskClient) -> None:
    answer = client.get("/healthz")
    assert answer.status_code == 200
    assert answer.json == {"process": "ok", "database": "ok"}


@pytest.mark.both_databases
def test_a_restart_of_the_database_costs_no_request_an_error(
    client: FlaskClient, database: str, database_url: str
) -> None:
    assert client.get("/healthz").status_code == 200
    db.session.remove()  # as at the end of a request: the connection waits for the next one
    if database == "postgresql":
        end_all_connections(database_url)
    assert client.get("/healthz").status_code == 200


def end_all_connections(database_url: str) -> None:
    """What a restart of the server does to those who were connected."""
    others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name"
    url = make_url(database_url)
    admin = create_engine(url.set(database="postgres"), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(others), {"name": url.database})
    admin.dispose()
