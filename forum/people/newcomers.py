"""Check everything that a newcomer typed, and report all mistakes at once."""

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
    """The values of a new account, as they are stored."""

    username: str
    display_name: str
    email: str | None
    password_hash: str


class Faults:
    """The mistakes in a form, field by field, collected so that they are reported together."""

    def __init__(self) -> None:
        self.fields: dict[str, str] = {}

    def of(self, check: Callable[[], T]) -> T | None:
        """Return the result of a check, or None where it raised Invalid; its messages are kept."""
        try:
            return check()
        except Invalid as error:
            self.fields = {**error.fields, **self.fields}
            return None

    def require(self) -> None:
        """Raise Invalid with all messages, if there is any."""
        if self.fields:
            raise Invalid(self.fields)


def newcomer(
    username: str, display_name: str, password: str, email: str, site_name: str, faults: Faults, *, staff: bool = False
) -> Newcomer:
    """Return a newcomer as stored. It hashes, so call it before the lock; inside the lock names are checked again.

    Raises Invalid for `username`, `display_name`, `email`, `password` and the other fields in `faults`.
    """
    name = faults.of(lambda: _username(username, staff, site_name))
    shown = faults.of(lambda: _display_name(display_name, staff, site_name)) if display_name.strip() else name
    address = faults.of(lambda: _address(email))
    faults.of(lambda: passwords.check(password, site_name, username, display_name, email))
    faults.require()
    assert name is not None and shown is not None  # else there were faults
    return Newcomer(name, shown, address, passwords.hashed(password))


def _username(typed: str, staff: bool, site: str) -> str:
    name = names.check_username(typed, staff=staff, site=site)
    keep_free(name, "username", None)
    return name


def _display_name(typed: str, staff: bool, site: str) -> str:
    name = names.check_display_name(typed, staff=staff, site=site)
    keep_free(name, "display_name", None)
    return name


def _address(typed: str) -> str | None:
    address = addresses.normal(typed)
    keep_address_free(address, None)
    return address
