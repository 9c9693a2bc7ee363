"""A letter: what is to be said to whom, before it is drawn and sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Thread:
    """The place of a letter among others: the ids of what it answers, the oldest first."""

    ancestors: tuple[str, ...] = ()


@dataclass(frozen=True)
class Subscription:
    """The list that a letter belongs to, and the path at which its reader leaves it."""

    id: str
    name: str
    leave: str


@dataclass(frozen=True)
class Letter:
    """One letter to one address.

    `template` names the two files in templates/mail that draw it, `values` is what they need. `id` is the left part of
    the Message-ID: the same letter sent twice has the same one, so that a mail program shows it once. *If a letter has
    something in it that is new with each attempt, a link, also put that into its id, else the newer one may not be
    shown.* `covers` are the notices that it tells of.
    """

    name: str
    address: str
    subject: str
    template: str
    id: str
    values: Mapping[str, Any] = field(default_factory=dict)
    thread: Thread = Thread()
    subscription: Subscription | None = None
    covers: tuple[int, ...] = ()
