"""What can go wrong, each as one clear line that holds neither a token nor personal data."""

from __future__ import annotations


class CustomerlyError(Exception):
    """Anything that a user of these packages can cause or meet: `str()` is one clear line."""


class ConfigError(CustomerlyError):
    """A setting is missing or wrong; nothing was sent."""


class TokenRefused(CustomerlyError):
    """The API does not know the token: permanent for the run (docs/api-contract.md#basics)."""


class RequestFailed(CustomerlyError):
    """One request did not lead to what it asked for.

    Args:
        request: Method and path, as `POST /v1/users`.
        reason: What the API or the network said, on one line.
        status: The HTTP status of the last answer; None where there was none.
        attempts: How many times the request was tried.
    """

    summary = "failed"

    def __init__(
        self, request: str, reason: str, *, status: int | None = None, attempts: int = 1
    ) -> None:
        self.request = request
        self.reason = reason
        self.status = status
        self.attempts = attempts
        super().__init__(request, reason, status, attempts)

    def __str__(self) -> str:
        said = f"HTTP {self.status}" if self.status else "no answer"
        return f"{self.request} {self.summary} ({said}): {self.reason}"


class Refused(RequestFailed):
    """The API said no to this request for a reason of its own: asking again changes nothing."""

    summary = "was refused"


class ContactMissing(Refused):
    """The contact, or the tag, that the request names does not exist."""


class BatchTooLarge(Refused):
    """The request holds more than the API takes at once: a smaller one may pass."""


class GaveUp(RequestFailed):
    """The request still failed after every try; it may or may not have been applied."""

    summary = "still fails after all tries"

    def __str__(self) -> str:
        tries = "1 try" if self.attempts == 1 else f"{self.attempts} tries"
        said = f"HTTP {self.status}" if self.status else "no answer"
        return f"{self.request} failed after {tries} ({said}): {self.reason}"


class OutcomeUnclear(RequestFailed):
    """A request that must not be sent twice was sent, and nobody can say whether it was applied."""

    summary = "may or may not have been applied"
