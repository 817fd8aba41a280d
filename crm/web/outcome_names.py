"""Outcomes where calls are shown and wrapped up: the lists of all tenants, read once a request."""

from collections.abc import Collection

from flask import g

from crm.calls import outcomes
from crm.calls.outcomes import Choice
from crm.models import Call


class OutcomeNames:
    """The outcomes of all tenants."""

    def __init__(self) -> None:
        self._known = outcomes.of_tenants()
        self._labels: dict[tuple[int, str], str] = {}

    def of(self, tenant_id: int, code: str) -> str:
        """An outcome in words: one that is in no list as it is stored; "" for none."""
        if not code:
            return ""
        if (tenant_id, code) not in self._labels:
            choice = self._choice(tenant_id, code)
            self._labels[tenant_id, code] = (choice or Choice(code)).label
        return self._labels[tenant_id, code]

    def offered(self, call: Call) -> list[tuple[str, str]]:
        """Codes and words to choose from for a call: those in use, and the one that it has."""
        own = outcomes.of(call.tenant_id, self._known)
        found = [(one.code, one.label) for one in own if not one.is_retired]
        if call.outcome and call.outcome not in dict(found):
            found.append((call.outcome, self.of(call.tenant_id, call.outcome)))
        return found

    def may_be_chosen(self, call: Call, code: str) -> bool:
        """Whether this is an outcome of the call's tenant; a page may be older than its list."""
        return code == call.outcome or self._choice(call.tenant_id, code) is not None

    def makes_follow_up(self, tenant_id: int, code: str) -> bool:
        """Whether a call with this outcome is to be followed up."""
        choice = self._choice(tenant_id, code)
        return choice is not None and choice.makes_follow_up

    def to_filter_by(self, tenant_ids: Collection[int]) -> dict[str, str]:
        """Codes and words of these tenants' outcomes, those in use first."""
        every = [one for tenant_id in tenant_ids for one in outcomes.of(tenant_id, self._known)]
        every.sort(key=lambda one: one.is_retired)
        words: dict[str, str] = {}
        for one in every:
            if one.label not in words.setdefault(one.code, one.label).split(" / "):
                words[one.code] += f" / {one.label}"
        return words

    def _choice(self, tenant_id: int, code: str) -> Choice | None:
        own = outcomes.of(tenant_id, self._known)
        return next((one for one in own if one.code == code), None)


def outcome_names() -> OutcomeNames:
    """The lists for this request."""
    if "outcome_names" not in g:
        g.outcome_names = OutcomeNames()
    found: OutcomeNames = g.outcome_names
    return found
