"""The words of every reason, in the language and the zone of the site."""

from __future__ import annotations

import ast
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from flask_babel import refresh

from forum import db
from forum.policy.reasons import Code, Reason
from forum.site.models import Site
from forum.wording import in_words

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def app_context(app):
    """Enter the app, whose site is set to English and UTC."""
    with app.test_request_context("/"):
        yield


def test_every_code_has_words_of_its_own():
    assert len({code.words for code in Code} - {""}) == len(Code)
    assert {code.value: code.kind for code in Code if code.kind == "sign-in"}.keys() == {
        *("sign-in", "sign-in-to-comment")
    }
    assert all(Code(code.value) is code for code in Code)  # type: ignore[call-arg]  # by its value


def test_every_value_is_shown_and_a_text_stays(app_context):
    until = datetime(2026, 12, 3, 12, tzinfo=UTC)
    suspended = Reason(Code.SUSPENDED, {"until": until, "reason": "Rule 2 <b>, 100%"})
    assert in_words(suspended) == (
        "You can only read here until 3 December 2026, 12:00. The reason given: Rule 2 <b>, 100%"
    )
    assert in_words(Reason(Code.SUSPENDED, {"until": until})).endswith("until 3 December 2026, 12:00.")
    assert in_words("A text of 100%(n)s.") == "A text of 100%(n)s."


@pytest.mark.parametrize(("minutes", "words"), [(1, "for 1 minute."), (30, "for 30 minutes."), (90, "90 minutes.")])
def test_minutes_are_not_rounded(app_context, minutes, words):
    assert words in in_words(Reason(Code.EDITING_OVER, {"after": timedelta(minutes=minutes)}))


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "UTC", "Pacific/Pago_Pago"])
@pytest.mark.parametrize(
    ("language", "words"), [("en", "until 3 December 2026, 23:59."), ("de", "Bis zum 3. Dezember 2026, 23:59 ")]
)
def test_a_moment_is_one_of_the_site(app, zone, language, words):
    with app.app_context():
        db.lock()
        found = db.session.get_one(Site, 1)
        found.timezone, found.language = zone, language
        db.commit()
    last = datetime(2026, 12, 3, 23, 59, 59, tzinfo=ZoneInfo(zone)).astimezone(UTC)
    with app.test_request_context("/"):
        refresh()
        assert words in in_words(Reason(Code.SUSPENDED, {"until": last}))


def test_templates_word_every_reason():
    names = {
        node.target.id
        for path in (ROOT / "forum").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.AnnAssign)
        and isinstance(node.annotation, ast.Name)
        and node.annotation.id == "Verdict"
        and isinstance(node.target, ast.Name)
    }
    assert "verdict" in names
    bare = re.compile(rf"\b({'|'.join(names)})\.reason\b(?!\|in_words|\.words|\.is_sanction)")
    templates = sorted((ROOT / "templates").rglob("*.html"))
    assert [path.name for path in templates if bare.search(path.read_text("utf-8"))] == []


def test_no_dot_can_be_left_at_the_end_of_a_line():
    """A dot between two things goes into the next line with the second: the space behind it does not break."""
    pages = (ROOT / "templates").rglob("*.html")
    for path in pages:
        shown = [line for line in path.read_text().splitlines() if "{% block title %}" not in line]
        assert not [line for line in shown if re.search(r"·(?!&nbsp;)", line)], path
