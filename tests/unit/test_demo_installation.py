"""The demo's database over several starts: filled up to the present, people's changes kept."""

from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select

from crm.calls import follow_ups, missed
from crm.cli.demo import installation, past_calls
from crm.extensions import db
from crm.factory import create_app
from crm.models import Agent, Call, Contact
from crm.settings import Settings
from tests.conftest import SECRET_KEY

THURSDAY = datetime(2026, 11, 26, 10, 0, tzinfo=ZoneInfo("Europe/Istanbul"))


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setattr(installation, "FOLDER", tmp_path)
    monkeypatch.setattr(installation, "DATABASE", tmp_path / "crm.db")
    monkeypatch.setattr(installation, "SEED", tmp_path / "seed.db")
    monkeypatch.setattr(past_calls, "SPAN", timedelta(days=8))  # of sixty: it is quicker
    return Settings(secret_key=SECRET_KEY, database_url=f"sqlite:///{tmp_path}/crm.db")


def test_a_later_start_adds_the_days_between_and_keeps_what_people_did(settings: Settings) -> None:
    assert installation.prepare(settings, now=THURSDAY)
    with create_app(settings).app_context():
        ayse = db.session.scalars(select(Agent).filter_by(email="ayse@demo.example")).one()
        before = db.session.scalar(select(func.count(Call.id))) or 0
        of_contacts = db.session.scalar(select(func.count(Call.contact_id))) or 0
        assert of_contacts / before > 0.6
        assert missed.count_waiting([ayse.tenant_id], now=THURSDAY)
        assert follow_ups.count_due(ayse.id, today=THURSDAY.date())
        assert len(follow_ups.waiting([ayse.tenant_id], ayse.id)) > follow_ups.count_due(
            ayse.id, today=THURSDAY.date()
        )
        db.session.get_one(Contact, 1).name = "Elif Yılmaz"
        db.session.commit()
        db.session.remove()

    friday = THURSDAY + timedelta(days=1)
    assert not installation.prepare(settings, now=friday)
    with create_app(settings).app_context():
        assert db.session.get_one(Contact, 1).name == "Elif Yılmaz"
        newest = db.session.scalars(select(func.max(Call.started_at))).one()
        assert friday - newest < timedelta(hours=2)
        added = select(func.count(Call.id)).where(Call.started_at > THURSDAY)
        after = db.session.scalar(select(func.count(Call.id)))
        assert after == before + (db.session.scalar(added) or 0)
        db.session.remove()


def test_an_installation_has_no_address_of_the_demo(settings: Settings) -> None:
    rules = create_app(settings).url_map.iter_rules()
    assert not [rule for rule in rules if rule.rule.startswith("/demo")]
