"""Held or published, from plain values."""

from forum.screening.rules import Screened, screen


def test_members_are_published():
    assert screen(is_guest=False, html="<p>Good morning.</p>") == Screened(False, "")


def test_guests_are_held():
    assert screen(is_guest=True, html="<p>Good morning.</p>") == Screened(True, "guest")
