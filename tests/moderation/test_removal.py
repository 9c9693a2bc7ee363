"""All that one person wrote since a moment is removed as one act: what is in it, one notice, one undo, who may."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from forum import db
from forum.clock import now
from forum.comments.models import Comment
from forum.comments.writing import actions as comments
from forum.errors import Forbidden, Invalid, NotFound
from forum.ledger import queries as ledger
from forum.moderation import actions, bulk
from forum.moderation.models import Bulk, BulkCase, Decision
from forum.moderation.queries import bulk as bulks
from forum.moderation.removal import begin_removal
from forum.people.models import Person
from tests.cast import Cast
from tests.moderation import scene
from tests.worker import resting

ADDRESS = "/moderation/people/tom/remove"


def wrote(cast: Cast, number: int) -> list[int]:
    """Let Tom write so much under two articles, and Rosa one; return Tom's comments."""
    other = scene.another_article(cast)
    scene.write(cast.rosa, cast.article, "Rosa's own.")
    return [scene.write(cast.tom, other if index % 3 == 2 else cast.article, f"Buy {index}") for index in range(number)]


def ago(comment_id: int, **span: int) -> None:
    """Let a comment be older."""
    db.lock()
    older = update(Comment).where(Comment.id == comment_id).values(created_at=now() - timedelta(**span))
    db.session.execute(older, execution_options={"synchronize_session": False})
    db.commit()
    db.session.expire_all()


def begun(cast: Cast, keys: list[int], decision: str = "hide", rule: str = "1", by: Person | None = None) -> int:
    """Let Quill begin the act about Tom's comments, and return its id."""
    made = begin_removal(scene.actor(by or cast.quill), cast.tom.id, keys, now(), decision, rule, "")
    db.commit()
    return made.id


def whole(id: int) -> None:
    """Do all of an act."""
    while bulk.step(id):
        db.commit()


def statuses(keys: list[int]) -> list[str]:
    """Return the statuses of comments."""
    return [scene.status(key) for key in keys]


def confirmed(browser, **asked: str) -> tuple[str, str, dict[str, str]]:
    """Ask what would be removed; return the page, and the address and the fields of its form."""
    page = browser.get(ADDRESS, query_string=asked).text
    action = re.search(r'action="(/moderation/people/tom/remove\?[^"]+)"', page)
    assert action, page
    fields = dict(re.findall(r'<input type="hidden" name="(do|article)" value="([^"]*)"', page))
    return page, action[1].replace("&amp;", "&"), fields


def test_the_confirmation_says_what_it_is_then_it_is_done_told_once_and_taken_back(cast: Cast) -> None:
    keys = wrote(cast, 6)
    ago(keys[0], hours=2)
    scene.report(cast.rosa, keys[1])
    browser, before = cast.browser(cast.quill), len(ledger.acts(limit=100))
    page, address, fields = confirmed(browser, since="hour", do="hide:1")
    assert "Remove 5 comments of Tom under 2 articles, rule 1" in page
    assert "A bridge for the ferry: 2" in page and "The library opens on Saturday: 3" in page
    later = scene.write(cast.tom, cast.article, "Written meanwhile")
    assert statuses(keys) == ["published"] * 6
    before = len(ledger.acts(limit=100))
    answer = browser.post(address, note="Adverts", **fields)
    assert answer.status_code == 303
    assert statuses(keys) == ["published", *["hidden"] * 5]
    assert scene.status(later) == "published"
    assert len(ledger.acts(limit=100)) == before + 5
    assert scene.told(cast.tom) == [("removed", "")]
    assert "The same happened to 4 more comments of yours." in cast.browser(cast.tom).get("/notices").text
    assert scene.told(cast.rosa)[0] == ("report-answered", "removed")
    done = browser.get(str(answer.location))
    assert "Removed 5 comments." in done.text and "Take all of it back" in done.text
    scene.has_read(cast.tom)
    assert browser.post(f"{answer.location}/undo").status_code == 303
    assert statuses(keys) == ["published"] * 6
    assert [kind for kind, _ in scene.told(cast.tom)] == ["restored", "removed"]


def test_a_writer_who_has_not_read_of_it_hears_of_neither(cast: Cast) -> None:
    keys = wrote(cast, 4)
    id = begun(cast, keys, "spam", "")
    whole(id)
    assert scene.told(cast.tom) == [("spam", "")]
    bulk.take_back(scene.actor(cast.quill), id)
    db.commit()
    whole(id)
    assert (scene.told(cast.tom), statuses(keys)) == ([], ["published"] * 4)


def test_what_was_decided_edited_or_deleted_meanwhile_is_left_out_and_named(cast: Cast) -> None:
    keys = wrote(cast, 5)
    scene.report(cast.rosa, keys[0])
    scene.decide(cast.quill, keys[0], "keep")  # before the confirmation: it is part of the act all the same
    id = begun(cast, keys)
    scene.report(cast.rosa, keys[1])
    scene.decide(cast.ada, keys[1], "keep")
    comments.edit(scene.actor(cast.tom), keys[3], "Something else.")
    comments.withdraw(scene.actor(cast.tom), keys[4])
    db.commit()
    whole(id)
    assert statuses(keys) == ["hidden", "published", "hidden", "published", "withdrawn"]
    found = bulks.progress(scene.actor(cast.quill), id)
    assert found is not None
    assert {comment.id: why for comment, why in found.left_out} == {
        keys[1]: "decided", keys[3]: "edited", keys[4]: "decided",
    }  # fmt: skip
    assert cast.browser(cast.quill).get(f"/moderation/bulk/{id}").status_code == 200


def test_many_are_done_by_the_worker_and_what_waits_goes_too(cast: Cast, app: Flask) -> None:
    keys = wrote(cast, bulk.AT_ONCE + 3)
    comments_held = keys[-1]
    actions.decide(scene.actor(cast.quill), keys[-2], "spam")
    db.commit()
    browser = cast.browser(cast.quill)
    page, address, fields = confirmed(browser, since="day", do="spam")
    assert f"Remove {bulk.AT_ONCE + 2} comments of Tom under 2 articles as spam" in page
    answer = browser.post(address, **fields)
    assert "of 22 are done" in browser.get(str(answer.location)).text
    resting.work(app)
    assert statuses(keys) == ["spam"] * len(keys)
    assert comments_held in db.session.scalars(select(BulkCase.comment_id)).all()
    assert [kind for kind, _ in scene.told(cast.tom)].count("spam") == 2  # the one before, and one for all


def test_only_one_article_and_only_since_the_day_that_was_chosen(cast: Cast) -> None:
    keys = wrote(cast, 6)
    ago(keys[1], days=3)
    browser = cast.browser(cast.quill)
    yesterday = (now() - timedelta(days=1)).date().isoformat()
    page, address, fields = confirmed(
        browser, since="date", day=yesterday, article="the-library-opens-on-saturday", do="spam"
    )
    assert "Remove 3 comments of Tom under 1 article as spam" in page
    browser.post(address, **fields)
    assert statuses(keys) == ["spam", "published", "published", "spam", "spam", "published"]


@pytest.mark.parametrize(("asked", "words"), [
    ({"since": "date", "day": "2099-01-01"}, "a day that has begun"),
    ({"since": "date", "day": ""}, "a day that has begun"),
    ({"since": "date", "day": "0001-01-01"}, "a day that has begun"),
    ({"since": "date", "day": "yesterday"}, "Not a valid date"),
    ({"since": "ever"}, "Not a valid choice"),
    ({"do": ""}, "Please choose a rule, or spam."),
    ({"do": "keep"}, "Not a valid choice"),
    ({"do": "hide:99"}, "Not a valid choice"),
    ({"article": "no-such"}, "They wrote nothing there"),
])  # fmt: skip
def test_what_is_wrong_is_said_and_nothing_done(cast: Cast, asked: dict[str, str], words: str) -> None:
    wrote(cast, 1)
    answer = cast.browser(cast.quill).get(ADDRESS, query_string={"since": "hour", "do": "spam", **asked})
    assert (answer.status_code, words in answer.text) == (422, True)
    assert db.session.scalar(select(func.count(Bulk.id))) == 0


def test_without_what_the_confirmation_said_it_is_asked_again(cast: Cast) -> None:
    keys = wrote(cast, 1)
    browser = cast.browser(cast.quill)
    assert browser.post(ADDRESS, do="spam").status_code == 422
    _, address, _ = confirmed(browser, since="hour", do="hide:1")
    answer = browser.post(address, do="hide:99", note="Adverts everywhere")
    assert (answer.status_code, "Adverts everywhere" in answer.text) == (422, True)
    assert browser.forge(address, do="spam").status_code in (400, 403)
    assert statuses(keys) == ["published"]


def test_nobody_removes_so_what_they_or_their_superiors_wrote(cast: Cast) -> None:
    key = wrote(cast, 1)[0]
    for by, whom in ((cast.quill, cast.ada), (cast.quill, cast.quill), (cast.ida, cast.tom), (cast.tom, cast.rosa)):
        with pytest.raises(Forbidden):
            begin_removal(scene.actor(by), whom.id, [key], now(), "spam", "", "")
        db.rollback()
    with pytest.raises(NotFound):
        begin_removal(scene.actor(cast.quill), 99_999, [key], now(), "spam", "", "")
    db.rollback()
    for decision, rule, keys in (("keep", "", [key]), ("hide", "99", [key]), ("hide", "", [key]), ("spam", "", [])):
        with pytest.raises(Invalid):
            begun(cast, keys, decision, rule)
        db.rollback()


@pytest.mark.parametrize(("who", "role"), [("tom", "moderator"), ("quill", "reader"), ("quill", "author")])
def test_a_moderator_who_may_no_more_when_it_is_done_removes_nothing(cast: Cast, who: str, role: str) -> None:
    keys = wrote(cast, 3)
    id = begun(cast, keys)
    db.lock()
    getattr(cast, who).role = role
    db.commit()
    whole(id)
    assert statuses(keys) == ["published"] * 3
    assert scene.told(cast.tom) == []


def test_what_they_answer_in_a_thread_is_left_to_others_and_named(cast: Cast) -> None:
    keys = wrote(cast, 2)
    scene.write(cast.quill, cast.article, "No.", keys[0])
    id = begun(cast, keys)
    whole(id)
    assert statuses(keys) == ["published", "hidden"]


def test_one_decision_taken_back_leaves_the_notice_of_the_others(cast: Cast) -> None:
    keys = wrote(cast, 3)
    whole(begun(cast, keys))
    first = db.session.scalars(select(Decision).where(Decision.first_id.is_(None))).one()
    actions.undo(scene.actor(cast.quill), first.id)
    db.commit()
    assert sorted(statuses(keys)) == ["hidden", "hidden", "published"]
    assert [kind for kind, _ in scene.told(cast.tom)] == ["restored", "removed"]


def test_an_objection_upheld_brings_all_of_them_back(cast: Cast, app: Flask) -> None:
    keys = wrote(cast, 4)
    whole(begun(cast, keys))
    tom = cast.browser(cast.tom)
    address = re.search(r'href="(/notices/\d+/object)"', tom.get("/notices").text)
    assert address
    assert tom.post(address[1], words="These were no adverts.").status_code == 303
    desk = cast.browser(cast.ada)
    case = re.search(r'href="(/moderation/objections/\d+)"', desk.get("/moderation/objections").text)
    assert case
    assert desk.post(case[1], outcome="upheld", reason="They were none.").status_code == 303
    resting.work(app)
    assert statuses(keys) == ["published"] * 4


def test_an_act_goes_a_week_after_nobody_can_take_it_back_and_its_decisions_stay(cast: Cast) -> None:
    keys = wrote(cast, 3)
    whole(begun(cast, keys))
    waits = begun(cast, [scene.write(cast.tom, cast.article, "One more.")])
    for later, left in ((timedelta(days=7), 2), (timedelta(days=8, minutes=1), 1)):
        while bulk.purge_bulks(now() + later):
            db.commit()
        db.rollback()
        assert db.session.scalar(select(func.count(Bulk.id))) == left
    assert db.session.scalars(select(BulkCase.bulk_id).distinct()).all() == [waits]
    assert scene.decisions() == 3 and statuses(keys) == ["hidden"] * 3
