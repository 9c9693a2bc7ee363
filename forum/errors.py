"""Errors that are reported to a person. `forum.web` turns each into a page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from forum.policy.reasons import Reason


class Refusal(Exception):
    """A refusal: the answer is a reason instead of a page. The reason is a code with values, or a text of its own."""

    status = 400

    def __init__(self, reason: Reason | str) -> None:
        super().__init__(str(reason))
        self.reason = reason


class NotFound(Refusal):
    """A thing that does not exist for this viewer. Also raised where a 403 would betray a secret."""

    status = 404

    def __init__(self, reason: Reason | str = "") -> None:
        super().__init__(reason)


class Moved(NotFound):
    """A thing that has another address by now: `values` are the parts of it that differ."""

    def __init__(self, values: Mapping[str, str]) -> None:
        super().__init__()
        self.values = dict(values)


class Forbidden(Refusal):
    """An act that this person may not do, and why."""

    status = 403


class SignInNeeded(Refusal):
    """An act that a signed-in person might be allowed to do. The edge answers 303 to the sign-in page."""

    status = 303


class Conflict(Refusal):
    """An act on a thing that was closed or changed meanwhile. `words` are the closing words, if there are any."""

    status = 409

    def __init__(self, reason: Reason | str, words: str = "") -> None:
        super().__init__(reason)
        self.words = words


class Invalid(Refusal):
    """A form with wrong fields. `fields` maps a field's name to its message."""

    status = 422

    def __init__(self, fields: Mapping[str, str]) -> None:
        super().__init__(" ".join(fields.values()))
        self.fields = dict(fields)


class TooMany(Refusal):
    """A request that came too often. `retry_after` is in seconds."""

    status = 429

    def __init__(self, reason: str, retry_after: int) -> None:
        super().__init__(reason)
        self.retry_after = retry_after


class Busy(Refusal):
    """A database that could not be locked in time; trying again may work."""

    status = 503
