"""Look at everything a newcomer typed, and tell all that is wrong with it at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from forum.errors import Invalid
from forum.people import addresses, names, passwords
from forum.people.name_keys import keep_address_free, keep_free

T = TypeVar("T")


@dataclass(frozen=True)
class Newcomer:
    """Be what an account is made of, as it is kept."""

    username: str
    display_name: str
    email: str | None
    password_hash: str


class Faults:
    """Gather what is wrong, field by field, so that nobody hears of it one at a time."""

    def __init__(self) -> None:
        self.fields: dict[str, str] = {}

    def of(self, check: Callable[[], T]) -> T | None:
        """Return what a check returns, or None and remember what it found wrong."""
        try:
            return check()
        except Invalid as error:
            self.fields = {**error.fields, **self.fields}
            return None

    def require(self) -> None:
        """Raise Invalid for all of it, if there is any."""
        if self.fields:
            raise Invalid(self.fields)


def newcomer(
    username: str, display_name: str, password: str, email: str, site_name: str, faults: Faults, *, staff: bool = False
) -> Newcomer:
    """Return a newcomer as kept; it hashes, so call it before the lock, inside which names are looked at once more.

    Raises Invalid for `username`, `display_name`, `email`, `password` and what else is in `faults`.
    """
    name = faults.of(lambda: _username(username, staff))
    shown = faults.of(lambda: _display_name(display_name, staff)) if display_name.strip() else name
    address = faults.of(lambda: _address(email))
    faults.of(lambda: passwords.check(password, site_name, username, display_name))
    faults.require()
    assert name is not None and shown is not None  # else there were faults
    return Newcomer(name, shown, address, passwords.hashed(password))


def _username(typed: str, staff: bool) -> str:
    name = names.check_username(typed, staff=staff)
    keep_free(name, "username", None)
    return name


def _display_name(typed: str, staff: bool) -> str:
    name = names.check_display_name(typed, staff=staff)
    keep_free(name, "display_name", None)
    return name


def _address(typed: str) -> str | None:
    address = addresses.normal(typed)
    keep_address_free(address, None)
    return address
