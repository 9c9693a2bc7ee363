"""The history that staff read, with names, notes and filters."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import forum
from forum import db
from forum.errors import Forbidden
from forum.ledger.models import Entry
from forum.moderation.acts import GROUPS, WORDS
from forum.moderation.queries.trail import PAGE, Filters, trail
from tests.comments.talk import say
from tests.legal import scene as law
from tests.moderation import scene
from tests.people.members import member


@pytest.fixture
def furnished(cast):
    """Let Rosa report what Tom wrote, and Quill remove it with a note."""
    made = say(cast.tom, cast.article, "A secret sentence")
    scene.report(cast.rosa, made, note="He means me")
    scene.decide(cast.quill, made, "hide", note="Second time this week")
    return made


def acts(person, **filters):
    return [step.act for step in trail(scene.actor(person), Filters(**filters))[0]]


def test_who_did_what_about_whom_and_why(cast, furnished):
    page = cast.browser(cast.quill).get("/moderation/history").text
    for words in ("Quill", "removed a comment", "Tom", "Second time this week", "1. ", "The library opens on Saturday"):
        assert words in page
    assert "Rosa" in page
    assert "He means me" in page
    assert "A secret sentence" not in page


def test_nobody_learns_who_reported_their_own_comment(cast):
    made = say(cast.quill, cast.article, "Mine")
    scene.report(cast.rosa, made, note="He means me")
    own = cast.browser(cast.quill).get("/moderation/history").text
    assert "reported a comment" in own
    assert "Rosa" not in own
    assert "He means me" not in own
    assert "Rosa" in cast.browser(cast.ada).get("/moderation/history").text


def test_filters(cast, furnished):
    assert acts(cast.quill) == ["comment.hide", "flag.add"]
    assert acts(cast.quill, group="reports") == ["flag.add"]
    assert acts(cast.quill, group="site") == []
    assert acts(cast.quill, by="quill") == ["comment.hide"]
    assert acts(cast.quill, by="nobody-like-that") == []
    assert acts(cast.quill, about="tom") == ["comment.hide", "flag.add"]
    assert acts(cast.quill, article=cast.article.slug) == ["comment.hide", "flag.add"]
    assert acts(cast.quill, article="no-such") == []
    assert acts(cast.quill, group="' OR 1=1 --") == ["comment.hide", "flag.add"]  # no group: nothing is narrowed


@pytest.mark.parametrize("typed", ["Ida-Brandt", "ida-brandt", "IDA-BRANDT"])
def test_a_sign_in_name_with_capitals_is_found_as_it_is_typed(cast, typed):
    member("Ida-Brandt", "Ida Brandt")
    assert acts(cast.quill, about=typed) == ["person.add"]


def test_page_by_page(cast):
    db.lock()
    entry = {"act": "comment.hide", "details_hash": "0" * 64, "at": cast.article.published_at}
    db.session.add_all([Entry(**entry) for _ in range(PAGE + 3)])
    db.commit()
    first, before = trail(scene.actor(cast.quill), Filters())
    second, end = trail(scene.actor(cast.quill), Filters(), before)
    assert (len(first), len(second), end) == (PAGE, 3, None)
    assert f"before={before}" in cast.browser(cast.quill).get("/moderation/history").text


def test_for_staff_only(cast, furnished):
    with pytest.raises(Forbidden):
        trail(scene.actor(cast.ida), Filters())
    assert cast.browser(cast.ida).get("/moderation/history").status_code == 403
    assert "/moderation/history" not in cast.browser(cast.ida).get("/moderation/queue").text


# What people write, and what they do with their own account: no business of other moderators.
OWN = {
    *(f"comment.{verb}" for verb in ("post", "edit", "withdraw", "undo-withdraw", "erase-withdrawn")),
    *(f"person.{verb}" for verb in ("sign-up", "password", "profile", "verify-address", "guest-claim")),
    "article.edit",
    "article.lead",
    "picture.add",
}


def test_every_act_that_the_code_logs_has_words_or_is_somebodys_own():
    logged = set()
    for path in Path(forum.__path__[0]).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] in ("record", "_log", "log"):
                names = [arg.value for arg in node.args[:1] if isinstance(arg, ast.Constant)]
                logged |= {name for name in names if re.fullmatch(r"[a-z]+\.[a-z-]+", str(name))}
    assert len(logged) > 30
    assert logged - set(WORDS) - OWN == set()


def test_a_report_is_shown_with_its_reason_in_words(cast):
    made = say(cast.tom, cast.article, "Something rude")
    scene.report(cast.rosa, made, "abuse")
    scene.report(cast.otto, made, "untrue", note="He was not there")
    page = cast.browser(cast.quill).get("/moderation/history").text
    for words in ("Abusive", "Untrue", "“He was not there”"):
        assert words in page
    assert "“abuse”" not in page


def test_the_sender_of_a_notice_of_law_is_not_called_the_software(cast):
    law.sent(cast.browser(), f"/comments/{say(cast.tom, cast.article, 'A thief.')}")
    page = cast.browser(cast.quill).get("/moderation/history").text
    assert re.search(r"Somebody whose name is not shown <strong>sent a notice of law", page)


def test_each_group_of_acts_has_a_name(cast):
    page = cast.browser(cast.quill).get("/moderation/history").text
    assert len(re.findall(r'<option value="[a-z]+">\w', page)) == len(GROUPS)


def test_a_draft_is_named_to_nobody_who_may_not_read_it(cast):
    cast.browser(cast.ida).post("/articles/new", act="save", title="A secret plan", body="It is one.")
    for person, is_named in ((cast.quill, False), (cast.ada, True)):
        page = cast.browser(person).get("/moderation/history").text
        assert "began an article" in page
        assert ("A secret plan" in page, "a-secret-plan" in page) == (is_named, is_named)
        assert acts(person, article="a-secret-plan") == (["article.create"] if is_named else [])
    cast.browser(cast.ida).post("/articles/a-secret-plan/publish")
    assert "A secret plan" in cast.browser(cast.quill).get("/moderation/history").text
