"""The page's own id of a call: a UUID made in the browser, checked before anything uses it."""

from uuid import UUID

from werkzeug.exceptions import UnprocessableEntity


def checked(text: str) -> str:
    """The id in its one form. Raises 422 for anything that is not a UUID."""
    try:
        return str(UUID(text))
    except ValueError:
        raise UnprocessableEntity from None
