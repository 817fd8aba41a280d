"""What can go wrong with Call Center Studio, one class for each thing a caller does about it.

``str(error)`` is a sentence to show to a person. No text, attribute or chained exception
holds an app token, a session, a query string or another exception.
"""

# ruff: noqa: N818 - the names say what happened and read well in an except clause

TRY_AGAIN = "Try again in a moment."


class CallCenterStudioError(Exception):
    """Base of all errors of this package.

    ``retryable`` says that the same question may be answered later. It is never a licence to
    send a dial again: nobody can know whether the first one arrived.
    """

    retryable = False

    @property
    def happened(self) -> str:
        """What happened, without the advice to try again: for what tries again by itself."""
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
    """The vendor answered 429; ask again after ``retry_after`` seconds, where it named them."""

    retryable = True

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class BadAnswer(CallCenterStudioError):
    """Something answered, but not as the vendor's API does: mostly a wrong ``api_url``."""


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
    """Nothing is at a recording's address: not yet, or no more."""


class ForeignAddress(CallCenterStudioError):
    """A recording's address, or one that it leads to, is not the tenant's own: it was not asked."""


class ForbiddenAddress(CallCenterStudioError):
    """The address leads to a link-local or metadata address: nothing was sent to it."""


class RangeNotThere(CallCenterStudioError):
    """The part of a recording that was asked for lies behind its end, at ``total`` if told."""

    def __init__(self, total: int | None) -> None:
        super().__init__("The recording is shorter than that.")
        self.total = total
