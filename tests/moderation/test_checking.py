"""Comments that a program elsewhere is asked about before they are published."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select, update

from forum import db
from forum.cases.models import Flag
from forum.clock import now
from forum.comments.writing import actions
from forum.jobs.models import Job
from forum.ledger import queries as ledger
from tests.comments.talk import put, row, say
from tests.screening.checker import running
from tests.worker.resting import work


@pytest.fixture
def checker(cast):
    with running() as server:
        process = cast.app.extensions["forum"]
        checked = {"check_url": server.url, "check_secret": "a secret of sixteen", "check_private": True}
        cast.app.extensions["forum"] = replace(process, **checked)
        yield server


def state(comment_id):
    db.session.rollback()
    found = row(comment_id)
    return found.status, found.held_reason


def answer(cast, checker, decision):
    checker.body = f'{{"decision": "{decision}"}}'.encode()
    work(cast.app)


def try_until_it_fails(cast):
    for _ in range(3):
        work(cast.app)
        db.lock()
        db.session.execute(update(Job).values(due_at=now()))
        db.commit()
    work(cast.app)


def test_waits_for_the_answer_and_is_published(cast, checker):
    made = say(cast.tom, cast.article, "Good morning.")
    assert state(made) == ("held", "checking")
    assert "Good morning." not in cast.browser().get(f"/articles/{cast.article.slug}").text
    answer(cast, checker, "publish")
    assert state(made) == ("published", None)
    assert "Good morning." in cast.browser().get(f"/articles/{cast.article.slug}").text
    assert [question["text"] for question, *_ in checker.asked] == ["Good morning."]
    assert ledger.acts("comment.check")[0].details == {"decision": "publish"}


def test_the_privacy_page_says_so_where_it_is_so(cast):
    assert "outside of this site, which says" not in cast.browser().get("/privacy").text


def test_the_privacy_page_says_what_is_sent(cast, checker):
    assert "outside of this site, which says" in cast.browser().get("/privacy").text


def test_held_it_is_in_the_queue(cast, checker):
    made = say(cast.tom, cast.article, "Good morning.")
    answer(cast, checker, "hold")
    assert state(made) == ("held", "outside")
    assert "Good morning." in cast.browser(cast.quill).get("/moderation/queue?tab=waiting").text


def test_those_who_moderate_here_are_not_checked(cast, checker):
    for person in (cast.ida, cast.quill):
        assert state(say(person, cast.article)) == ("published", None)
    work(cast.app)
    assert checker.asked == []


@pytest.mark.parametrize(("failure", "left"), [("hold", ("held", "outside")), ("publish", ("published", None))])
def test_without_an_answer_the_setting_decides(cast, checker, failure, left):
    cast.app.extensions["forum"] = replace(cast.app.extensions["forum"], check_failure=failure)
    made, checker.status = say(cast.tom, cast.article), 500
    try_until_it_fails(cast)
    assert state(made) == left
    assert len(checker.asked) == 3
    assert db.session.scalars(select(Job.id)).first() is None


def test_a_moderator_who_is_faster_decides(cast, checker):
    made = say(cast.tom, cast.article)
    put(made, "published")
    answer(cast, checker, "hold")
    assert state(made)[0] == "published"


def test_an_edited_comment_is_held(cast, checker):
    made = say(cast.tom, cast.article, "Good morning.")
    answer(cast, checker, "publish")
    actions.edit(cast.tom, made, "Cheap watches")
    db.commit()
    answer(cast, checker, "hold")
    assert state(made) == ("held", "outside")
    assert checker.asked[-1][0]["text"] == "Cheap watches"


def test_an_edited_comment_with_replies_is_reported_by_the_software(cast, checker):
    made = say(cast.tom, cast.article, "Good morning.")
    answer(cast, checker, "publish")
    say(cast.quill, cast.article, "Yes.", made)
    actions.edit(cast.tom, made, "Cheap watches")
    db.commit()
    answer(cast, checker, "hold")
    assert state(made) == ("published", None)
    assert [(flag.reporter, flag.source) for flag in db.session.scalars(select(Flag))] == [
        ("software", "Cheap watches")
    ]
    assert cast.browser(cast.quill).get("/moderation/queue").status_code == 200


def test_an_answer_about_an_earlier_text_changes_nothing(cast, checker):
    made = say(cast.tom, cast.article, "Good morning.")
    db.lock(cast.article.id)
    db.session.execute(update(Job).where(Job.kind == "comments.check").values(subject={"comment": made + 999}))
    db.commit()
    answer(cast, checker, "publish")  # about a comment that is gone
    assert state(made) == ("held", "checking")
    assert db.session.scalars(select(Job.id)).first() is None
