"""What a load balancer sees."""

import pytest
from flask.testing import FlaskClient


@pytest.mark.both_databases
def test_it_says_that_process_and_database_are_there(client: FlaskClient) -> None:
    answer = client.get("/healthz")
    assert answer.status_code == 200
    assert answer.json == {"process": "ok", "database": "ok"}
