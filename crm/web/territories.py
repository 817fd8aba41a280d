"""Names of countries in the page's language, for numbers that no contact has."""

from flask_babel import get_locale


def territory_name(region: str) -> str:
    """The name of a two-letter region ("DE" -> "Germany"), or "" when there is none."""
    locale = get_locale()
    return str(locale.territories.get(region, "")) if locale else ""
