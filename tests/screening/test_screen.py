"""Held or published, from plain values."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest

from forum.screening import wording
from forum.screening.rules import PUBLISHED, SCORE, Screened, Writer, screen, screen_text
from forum.site.queries.settings import SiteView


@dataclass(frozen=True)
class Settings:
    hold_everything: bool = False
    hold_guests: bool = True
    hold_first: int = 0
    hold_links: int = 0
    hold_words: tuple[str, ...] = ()
    hold_spam: bool = False


SETTINGS = Settings()
LINKS = '<p><a href="https://a.example/">a</a> and <a href="https://b.example/">b</a></p>'
MEMBER, GUEST = Writer(False, lambda: 2), Writer(True, lambda: 0)


def asked_in_vain(*_: object) -> float:
    raise AssertionError("nobody needs this")


def never(html: str) -> float:
    return 0.0


@pytest.mark.parametrize(
    ("settings", "writer", "reason"),
    [
        (SETTINGS, MEMBER, ""),
        (SETTINGS, GUEST, "guest"),
        (replace(SETTINGS, hold_guests=False), GUEST, ""),
        (replace(SETTINGS, hold_everything=True), MEMBER, "everything"),
        (replace(SETTINGS, hold_first=2), MEMBER, ""),
        (replace(SETTINGS, hold_first=3), MEMBER, "first"),
        (replace(SETTINGS, hold_guests=False, hold_first=1), GUEST, "first"),
        (replace(SETTINGS, hold_links=3), MEMBER, ""),
        (replace(SETTINGS, hold_links=2), MEMBER, "links"),
        (replace(SETTINGS, hold_words=("casino",)), MEMBER, ""),
        (replace(SETTINGS, hold_words=("casino", "And B")), MEMBER, "words"),
        (replace(SETTINGS, hold_spam=True), MEMBER, ""),
    ],
)
def test_rules(settings, writer, reason):
    assert screen(settings, writer, LINKS, never) == Screened(bool(reason), reason)


@pytest.mark.parametrize(("score", "held"), [(SCORE, True), (SCORE - 0.001, False), (0.0, False)])
def test_spam(score, held):
    assert screen_text(replace(SETTINGS, hold_spam=True), LINKS, lambda html: score).held is held


def test_what_no_rule_needs_is_not_asked():
    assert screen(SETTINGS, Writer(False, asked_in_vain), LINKS, asked_in_vain) == PUBLISHED


def test_every_setting_is_one_of_the_sites():
    assert set(Settings.__dataclass_fields__) <= set(SiteView.__dataclass_fields__)


def test_every_reason_has_words(app):
    with app.test_request_context():
        for code in ("everything", "guest", "first", "links", "words", "spam", "imported", "undone"):
            assert wording.why(code)
        assert wording.why(None) == wording.why("unheard of") == ""
