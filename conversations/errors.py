"""What can go wrong, in the words of the domain."""

from collections.abc import Iterator
from contextlib import contextmanager


class DomainError(Exception):
    """A refusal for people: `code` names it for machines, the text says what to do.

    `at` is which of several given values it is about, where that is known.
    """

    code = "refused"
    at = ""

    def __init__(self, message: str, *, code: str | None = None) -> None:
        super().__init__(message)
        self.code = code or self.code


@contextmanager
def refused_at(place: str) -> Iterator[None]:
    """Say of a refusal which value it is about."""
    try:
        yield
    except DomainError as refused:
        refused.at = place
        raise


class NotFound(DomainError):
    """There is no such thing for whoever asks."""

    code = "not-found"


class SendingRefused(DomainError):
    """This message cannot be sent as it is; nothing was stored."""


class TooOften(DomainError):
    """Somebody does something oftener than is taken; it may be done in `retry_after` seconds."""

    code = "too-often"

    def __init__(self, message: str, *, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class ConfirmationNeeded(SendingRefused):
    """The text asks whether to send all the same; once its code is confirmed, it goes."""


class InvalidTransition(DomainError):
    """The conversation cannot take this step from where it is."""

    code = "invalid-transition"


class RequestTaken(DomainError):
    """Another conversation has that request."""

    code = "request-taken"


class TemporaryFailure(Exception):
    """It did not happen, and may succeed later, in `retry_after` seconds if it was said."""

    def __init__(self, reason: str, *, retry_after: float | None = None) -> None:
        super().__init__(reason)
        self.retry_after = retry_after


class NotYetItsTurn(TemporaryFailure):
    """It has not begun: others leave first. Its turn comes in `retry_after` seconds, and counts."""


class PermanentFailure(Exception):
    """It did not happen, and will not succeed unchanged. `code` is the other side's own."""

    def __init__(self, reason: str, *, code: str = "") -> None:
        super().__init__(reason)
        self.code = code


class UnknownOutcome(TemporaryFailure):
    """The request left and no answer came: it may or may not have happened."""


class NotStored(Exception):
    """The storage did not take a file: it is full, or away. It may take it later."""


class NotYetKnown(Exception):
    """An item from a neighbour speaks of something that we do not know, perhaps not yet."""


class NotUnderstood(Exception):
    """An item from a neighbour that we cannot read; the text says why, without its content."""
