"""Change one's own words."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from forum import db
from forum.articles.queries import heading
from forum.clock import now
from forum.comments.ending import actions as closing
from forum.comments.ending.request import Ending
from forum.comments.models import Revision, Source
from forum.comments.writing import actions
from forum.errors import Forbidden, NotFound
from forum.people.queries import viewer_of
from forum.text import rendering
from tests.comments.talk import let, put, row, say


def test_an_edit_replaces_the_text_and_keeps_the_earlier_one(cast):
    made = say(cast.tom, cast.article, "First *words*.")
    answer = cast.browser(cast.tom).post(f"/comments/{made}/edit", body="Second words.")
    assert (answer.status_code, answer.location) == (303, f"/comments/{made}")
    assert "Second words." in row(made).html
    assert db.session.get_one(Source, made).source == "Second words."
    assert db.session.scalars(select(Revision.source)).all() == ["First *words*."]


def test_the_form_brings_the_source(cast):
    made = say(cast.tom, cast.article, "First *words*.")
    assert "First *words*.</textarea>" in cast.browser(cast.tom).get(f"/comments/{made}/edit").text


def test_the_same_words_make_no_version(cast):
    made = say(cast.tom, cast.article, "Same.")
    cast.browser(cast.tom).post(f"/comments/{made}/edit", body="Same.")
    assert row(made).edited_at is None
    assert db.session.scalars(select(Revision)).all() == []


@pytest.mark.parametrize("body", ["", "  ", "\u200b"])
def test_an_empty_edit_is_refused(cast, body):
    made = say(cast.tom, cast.article, "First.")
    assert cast.browser(cast.tom).post(f"/comments/{made}/edit", body=body).status_code == 422
    assert "First." in row(made).html


@pytest.mark.parametrize("name", ["rosa", "ida", "quill", "ada"])
def test_nobody_edits_the_words_of_another(cast, name):
    made = say(cast.tom, cast.article, "Mine.")
    browser = cast.browser(getattr(cast, name))
    assert "<textarea" not in browser.get(f"/comments/{made}/edit").text
    answer = browser.post(f"/comments/{made}/edit", body="Yours.")
    assert answer.status_code == 403
    assert "Mine." in row(made).html


def test_the_source_of_another_is_not_shown_by_the_form(cast):
    made = say(cast.tom, cast.article, "Mine, with a [link](https://secret.example/).")
    assert "secret.example" not in cast.browser(cast.rosa).get(f"/comments/{made}/edit").text


def test_a_forged_edit_is_refused(cast):
    made = say(cast.tom, cast.article, "Mine.")
    assert cast.browser(cast.tom).forge(f"/comments/{made}/edit", body="Forged.").status_code == 403
    assert "Mine." in row(made).html


def test_the_time_for_editing_ends(cast):
    made = say(cast.tom, cast.article, "Mine.")
    with time_machine.travel(now() + timedelta(minutes=31), tick=True):
        answer = cast.browser(cast.tom).post(f"/comments/{made}/edit", body="Too late.")
    assert answer.status_code == 403
    assert "for 30 minutes" in answer.text
    assert "Too late." in answer.text


def test_the_form_says_why_it_cannot_be_edited(cast):
    made = say(cast.tom, cast.article, "Mine.")
    tom, rosa = cast.browser(cast.tom), cast.browser(cast.rosa)
    assert "Only its writer can edit" in rosa.get(f"/comments/{made}/edit").text
    with time_machine.travel(now() + timedelta(minutes=31), tick=True):
        page = tom.get(f"/comments/{made}/edit").text
    assert "can be edited for 30 minutes" in page
    assert "Only its writer" not in page


def test_a_preview_that_is_too_late_gives_the_text_back(cast):
    made = say(cast.tom, cast.article, "Mine.")
    with time_machine.travel(now() + timedelta(minutes=31), tick=True):
        answer = cast.browser(cast.tom).post(f"/comments/{made}/edit", body="Typed for an hour.", preview="1")
    assert answer.status_code == 403
    assert "Typed for an hour." in answer.text


def test_the_site_says_how_long(cast):
    made = say(cast.tom, cast.article, "Mine.")
    let(edit_minutes=0)
    with time_machine.travel(now() + timedelta(seconds=5), tick=True), pytest.raises(Forbidden):
        actions.edit(cast.tom, made, "Never.")
    db.rollback()


def test_what_was_removed_is_not_edited(cast):
    made = say(cast.tom, cast.article, "Mine.")
    put(made, "hidden")
    answer = cast.browser(cast.tom).post(f"/comments/{made}/edit", body="But I meant this.")
    assert answer.status_code == 409
    assert "But I meant this." in answer.text


def test_the_suspended_do_not_edit(cast):
    made = say(cast.tom, cast.article, "Mine.")
    db.lock(people={cast.tom.id: db.Hold.EXCLUSIVE})
    cast.tom.suspended_until = now() + timedelta(days=1)
    db.commit()
    assert cast.browser(cast.tom).post(f"/comments/{made}/edit", body="Louder.").status_code == 403


def test_editing_is_closed_with_the_place(cast):
    made = say(cast.tom, cast.article, "Mine.")
    closing.close_branch(viewer_of(cast.ida.id), made, Ending(words="Enough."))
    db.commit()
    answer = cast.browser(cast.tom).post(f"/comments/{made}/edit", body="One thing more.")
    assert answer.status_code == 409
    assert "Enough." in answer.text
    assert "One thing more." in answer.text


def test_a_typo_mended_at_once_is_nobodys_business(cast):
    made = say(cast.tom, cast.article, "Frist.")
    actions.edit(cast.tom, made, "First.")
    db.commit()
    assert "edited" not in cast.browser().get(f"/articles/{cast.article.slug}").text


def test_an_edit_after_a_reply_is_shown(cast):
    made = say(cast.tom, cast.article, "I am for it.")
    say(cast.rosa, cast.article, "I am not.", parent=made)
    actions.edit(cast.tom, made, "I am against it.")
    db.commit()
    assert 'class="edited"' in cast.browser().get(f"/articles/{cast.article.slug}").text


def test_earlier_versions_are_for_the_writer_and_moderators(cast):
    made = say(cast.tom, cast.article, "First words.")
    actions.edit(cast.tom, made, "Second words.")
    db.commit()
    for person in (cast.tom, cast.ida, cast.quill, cast.ada):
        page = cast.browser(person).get(f"/comments/{made}/history").text
        assert "First words." in page
        assert "Second words." in page
    assert cast.browser(cast.rosa).get(f"/comments/{made}/history").status_code == 403
    assert cast.browser().get(f"/comments/{made}/history").status_code == 303


def test_earlier_versions_of_what_is_erased_are_gone(cast):
    made = say(cast.tom, cast.article, "First words.")
    actions.edit(cast.tom, made, "Second words.")
    db.commit()
    say(cast.rosa, cast.article, parent=made)
    put(made, "erased")
    assert cast.browser(cast.ada).get(f"/comments/{made}/history").status_code == 404


def test_the_article_gets_another_version(cast):
    made = say(cast.tom, cast.article, "First.")
    before = heading(cast.article.slug).version
    actions.edit(cast.tom, made, "Second.")
    db.commit()
    assert heading(cast.article.slug).version != before


def test_what_one_may_not_know_of_is_not_found(cast):
    made = say(cast.tom, cast.article, "Mine.")
    put(made, "held")
    with pytest.raises(NotFound):
        actions.edit(cast.rosa, made, "Yours.")
    db.rollback()


def test_earlier_versions_come_a_few_at_a_time(cast):
    made = say(cast.tom, cast.article, "Word 0.")
    browser = cast.browser(cast.tom)
    for number in range(1, 13):
        browser.post(f"/comments/{made}/edit", body=f"Word {number}.")
    page = cast.browser(cast.tom).get(f"/comments/{made}/history").text
    assert "Word 12." in page
    assert "Word 1." not in page
    older = re.search(r'href="(/comments/\d+/history\?before=\d+)"', page)
    assert older
    last = cast.browser(cast.tom).get(older[1]).text
    assert "Word 0." in last
    assert "Word 12." not in last


IMPORTED = "<p>One <em>slanted</em> word.</p>\r\n<p>Another.</p>"


def imported(cast):
    """Let a comment be as an import leaves it, in HTML."""
    made = say(cast.tom, cast.article, "First.")
    db.lock()
    source = db.session.get_one(Source, made)
    source.format, source.source, row(made).html = "html", IMPORTED, rendering.render(IMPORTED, "html")
    db.commit()
    return made


def test_a_comment_that_came_in_as_html_stays_html(cast):
    made, tom = imported(cast), cast.browser(cast.tom)
    assert "stays HTML" in tom.get(f"/comments/{made}/edit").text
    typed = "<p>One <em>other</em> word.</p><script>x</script>"
    assert "<em>other</em>" in tom.post(f"/comments/{made}/edit", body=typed, preview="1").text
    assert tom.post(f"/comments/{made}/edit", body=typed).status_code == 303
    db.session.expire_all()
    assert row(made).html == "<p>One <em>other</em> word.</p>"
    assert db.session.get_one(Source, made).format == "html"
    assert db.session.scalars(select(Revision.format)).all() == ["html"]


def test_saving_an_imported_comment_unchanged_changes_nothing(cast):
    made, tom = imported(cast), cast.browser(cast.tom)
    tom.get(f"/comments/{made}/edit")
    assert (
        tom.post(f"/comments/{made}/edit", body=IMPORTED.replace("\r\n", "\n").replace("\n", "\r\n")).status_code == 303
    )
    db.session.expire_all()
    assert (row(made).edited_at, db.session.get_one(Source, made).source) == (None, IMPORTED)
    assert db.session.scalars(select(Revision.id)).all() == []


def test_taking_a_text_away_has_one_name(cast):
    made = say(cast.tom, cast.article)
    say(cast.ida, cast.article, parent=made)
    actions.edit(cast.tom, made, "Something else.")
    db.commit()
    admin = cast.browser(cast.ada)
    history = admin.get(f"/comments/{made}/history").text
    address = re.search(r'<a href="(/moderation/revisions/\d+/erase)"[^>]*>Remove this version for good</a>', history)
    assert address
    names = [admin.get(f"/comments/{made}/more").text, admin.get(address.group(1)).text]
    names += [admin.get(f"/moderation/queue/{made}").text, admin.get(f"/moderation/comments/{made}/erase").text]
    for page in (history, *names):
        assert "for good" in page
        assert not re.search(r"\b[Ee]rase", re.sub(r'"[^"]*"', "", page))
