"""The errors of Call Center Studio, one class for each reaction of the caller.

``str(error)`` is a sentence to show to a person. No text, attribute or chained exception
holds an app token, a session, a query string or another exception.
"""

# ruff: noqa: N818 - the names say what happened and read well in an except clause

TRY_AGAIN = "Try again in a moment."


class CallCenterStudioError(Exception):
    """Base of all errors of this package.

    ``retryable`` says that the same request may succeed later. It never permits sending a dial
    again: nobody can know whether the first one arrived.
    """

    retryable = False

    @property
    def happened(self) -> str:
        """The text without the advice to try again, for callers that do so by themselves."""
        return str(self).removesuffix(TRY_AGAIN).rstrip()


class Unreachable(CallCenterStudioError):
    """No answer came: no network, no such host, connection refused or broken off."""

    retryable = True


class TimedOut(Unreachable):
    """The answer did not come in time; whether the request was carried out is not known."""


class ServerFailure(CallCenterStudioError):
    """The vendor answered with a 5xx ``status``."""

    retryable = True

    def __init__(
        self, message: str, *, status: int = 500, retry_after: float | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.retry_after = retry_after


class RateLimited(CallCenterStudioError):
    """The vendor answered 429; ask again after ``retry_after`` seconds, if given."""

    retryable = True

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class BadAnswer(CallCenterStudioError):
    """The answer does not have the form of the vendor's API: mostly a wrong ``api_url``."""


class Refused(CallCenterStudioError):
    """The vendor understood and said no; ``vendor_message`` is its own text, often Turkish."""

    def __init__(self, message: str, *, vendor_message: str = "") -> None:
        super().__init__(message)
        self.vendor_message = vendor_message


class LoginRefused(Refused):
    """The agent may not log in: unknown e-mail address, no licence, deactivated."""


class WrongAppToken(Refused):
    """The tenant's app token is wrong or was replaced; an administrator sets the new one."""


class SessionExpired(Refused):
    """The telephony session no longer works: log in once, repeat the request once."""


class RecordingNotThere(CallCenterStudioError):
    """Nothing is at a recording's address: not yet, or no longer."""


class ForeignAddress(CallCenterStudioError):
    """A recording's address, or a redirect, is not the tenant's own: it was not requested."""


class ForbiddenAddress(CallCenterStudioError):
    """The address leads to a link-local or metadata address: nothing was sent to it."""


class RangeNotThere(CallCenterStudioError):
    """The requested part of a recording is beyond its end, at ``total`` if given."""

    def __init__(self, total: int | None) -> None:
        super().__init__("The recording is shorter than that.")
        self.total = total
