"""Decide whether a comment is published or waits for approval. Pure: plain values in, a plain answer out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from forum.screening import words

SCORE = 0.99  # from this probability on a comment waits as spam; fewer would wait in vain than with less


class Settings(Protocol):
    """The settings of the site that say what waits for approval.

    `hold_first` and `hold_links` are numbers of comments and of links; 0 is no rule. `hold_words` has words and
    phrases.
    """

    @property
    def hold_everything(self) -> bool: ...
    @property
    def hold_guests(self) -> bool: ...
    @property
    def hold_first(self) -> int: ...
    @property
    def hold_links(self) -> int: ...
    @property
    def hold_words(self) -> Sequence[str]: ...
    @property
    def hold_spam(self) -> bool: ...


@dataclass(frozen=True)
class Writer:
    """The writer of a comment as far as a rule asks: a guest or a member, with so many comments published.

    `published` is called only where a rule needs it, since it asks the database. `is_held`: all they write waits.
    """

    is_guest: bool
    published: Callable[[], int]
    is_held: bool = False


@dataclass(frozen=True)
class Screened:
    """The answer of screening: held or not, and the reason's code, empty where the comment is published."""

    held: bool
    reason: str = ""


PUBLISHED = Screened(False)
CHECKING, OUTSIDE = "checking", "outside"  # a program elsewhere is being asked; it said that the comment should wait
REPORTED = "reported"  # readers reported it, and their reports weighed enough (`moderation.weighing`)


def screen(settings: Settings, writer: Writer, html: str, score: Callable[[str], float]) -> Screened:
    """Answer whether a new comment waits for approval; the first rule that holds it gives the reason.

    `html` is the cleaned text, `score` tells how probably a text is spam, and is called only where the site asks.
    """
    if writer.is_held:
        return Screened(True, "person")
    if settings.hold_everything:
        return Screened(True, "everything")
    if writer.is_guest and settings.hold_guests:
        return Screened(True, "guest")
    if settings.hold_first and writer.published() < settings.hold_first:
        return Screened(True, "first")
    return screen_text(settings, html, score)


def screen_text(settings: Settings, html: str, score: Callable[[str], float]) -> Screened:
    """Answer whether a text waits for approval, no matter who wrote it."""
    if settings.hold_links and words.count_links(html) >= settings.hold_links:
        return Screened(True, "links")
    if settings.hold_words and words.found(settings.hold_words, html):
        return Screened(True, "words")
    if settings.hold_spam and score(html) >= SCORE:
        return Screened(True, "spam")
    return PUBLISHED
