"""What can go wrong in a way a person should hear about. `forum.web` turns each into a page."""

from __future__ import annotations

from collections.abc import Mapping


class Refusal(Exception):
    """Be the base of everything that is answered with a reason instead of a page."""

    status = 400

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class NotFound(Refusal):
    """Say that there is nothing here for this viewer; also used where a 403 would betray a secret."""

    status = 404

    def __init__(self, reason: str = "") -> None:
        super().__init__(reason)


class Forbidden(Refusal):
    """Say that this person may not do this, and why."""

    status = 403


class SignInNeeded(Refusal):
    """Say that somebody signed in might be allowed to; the edge answers 303 to the sign-in page."""

    status = 303


class Conflict(Refusal):
    """Say that the thing was closed or changed meanwhile; `words` are the closing words, if there are any."""

    status = 409

    def __init__(self, reason: str, words: str = "") -> None:
        super().__init__(reason)
        self.words = words


class Invalid(Refusal):
    """Say which fields are wrong: `fields` maps a field's name to its message."""

    status = 422

    def __init__(self, fields: Mapping[str, str]) -> None:
        super().__init__(" ".join(fields.values()))
        self.fields = dict(fields)


class TooMany(Refusal):
    """Say that this was asked too often; `retry_after` is in seconds."""

    status = 429

    def __init__(self, reason: str, retry_after: int) -> None:
        super().__init__(reason)
        self.retry_after = retry_after


class Busy(Refusal):
    """Say that the database could not be locked in time; trying again may work."""

    status = 503
