"""Several cases decided as one act: what the confirmation says, what is left out, progress, and the undo."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from forum import db
from forum.cases.models import Case
from forum.clock import now
from forum.comments.models import Comment
from forum.comments.writing import actions as comments
from forum.errors import Conflict, Forbidden, Invalid, NotFound
from forum.ledger import queries as ledger
from forum.moderation import actions, bulk
from forum.moderation.models import Bulk, BulkCase, Decision
from forum.moderation.queries import bulk as bulks
from forum.moderation.queries.queue import Filters
from forum.moderation.seen import seen_mark, standing_decisions
from forum.people.models import Person
from tests.cast import Cast
from tests.moderation import scene
from tests.worker import resting


def reported(cast: Cast, number: int) -> list[int]:
    """Write and report comments of two people under two articles; return them."""
    other, made = scene.another_article(cast), []
    for index in range(number):
        writer, article = (cast.tom, cast.article) if index % 2 else (cast.rosa, other)
        made.append(scene.write(writer, article, f"Buy number {index}"))
        scene.report(cast.otto, made[-1], "spam")
    return made


def whole(id: int) -> None:
    """Do all of an act."""
    while bulk.step(id):
        db.commit()


def begun(cast: Cast, keys: list[int], decision: str = "spam", rule: str = "") -> int:
    """Let Quill begin an act about comments, and return its id."""
    made = bulk.begin(scene.actor(cast.quill), [scene.case_of(key) for key in keys], now(), decision, rule, "")
    db.commit()
    return made.id


def left_out(cast: Cast, id: int) -> dict[int, str]:
    """Return why what was left out, by comment."""
    found = bulks.progress(scene.actor(cast.quill), id)
    assert found is not None
    return {comment.id: why for comment, why in found.left_out}


def test_the_confirmation_says_what_will_happen_and_then_it_does(cast: Cast) -> None:
    keys = reported(cast, 4)
    browser = cast.browser(cast.quill)
    cases = "&".join(f"case={scene.case_of(key)}" for key in keys)
    page = browser.get(f"/moderation/bulk?do=hide:1&{cases}").text
    assert "Remove 4 comments of 2 people under 2 articles, rule 1" in page
    assert [scene.status(key) for key in keys] == ["published"] * 4
    before = len(ledger.acts(limit=100))
    until = re.search(r"until=([^\"]+)", page)[1]  # type: ignore[index]
    sent = {"do": "hide:1", "case": [str(scene.case_of(key)) for key in keys]}
    answer = browser.post(f"/moderation/bulk?until={until}", **sent)
    assert answer.status_code == 303
    assert [scene.status(key) for key in keys] == ["hidden"] * 4
    assert len(ledger.acts(limit=100)) == before + 4
    assert len(scene.told(cast.tom)) == len(scene.told(cast.rosa)) == 2
    assert "Removed 4 comments." in browser.get("/moderation/queue").text
    id = db.session.scalar(select(Bulk.id)) or 0
    assert browser.post(f"/moderation/bulk/{id}/undo").status_code == 303
    assert [scene.status(key) for key in keys] == ["published"] * 4
    assert "Took back 4 decisions." in browser.get(f"/moderation/bulk/{id}").text


def test_all_that_match_is_done_by_the_worker_and_nothing_newer(cast: Cast, app: Flask) -> None:
    keys = reported(cast, 24)
    browser = cast.browser(cast.quill)
    page = browser.get("/moderation/bulk?do=spam&all=1&back=reason%3Dspam").text
    assert "Remove 24 comments of 2 people under 2 articles as spam" in page
    until = re.search(r"until=([^\"]+)", page)[1]  # type: ignore[index]
    late = scene.write(cast.tom, cast.article, "I came later")
    scene.report(cast.rosa, late, "spam")
    sent = {"do": "spam", "all": "1", "back": "reason=spam"}
    answer = browser.post(f"/moderation/bulk?until={until}", **sent)
    assert "0 of 24 are done" in browser.get(answer.headers["Location"]).text
    resting.work(app)
    assert [scene.status(key) for key in keys] == ["spam"] * 24
    assert scene.status(late) == "published"
    assert "Removed 24 comments as spam." in browser.get(answer.headers["Location"]).text
    browser.post(f"{answer.headers['Location']}/undo")
    resting.work(app)
    assert [scene.status(key) for key in keys] == ["published"] * 24


def test_what_was_decided_or_edited_meanwhile_is_left_out_and_named(cast: Cast) -> None:
    keys = reported(cast, 4)
    id = begun(cast, keys)
    scene.decide(cast.ada, keys[0], "keep")
    comments.edit(scene.actor(cast.tom), keys[1], "Nothing to buy")
    db.commit()
    whole(id)
    assert left_out(cast, id) == {keys[0]: "decided", keys[1]: "edited"}
    assert [scene.status(key) for key in keys] == ["published", "published", "spam", "spam"]


def test_a_case_that_was_reported_again_is_another_case(cast: Cast) -> None:
    keys = reported(cast, 1)
    id = begun(cast, keys)
    scene.decide(cast.ada, keys[0], "keep")
    scene.report(cast.ida, keys[0], "danger")
    whole(id)
    assert left_out(cast, id) == {keys[0]: "decided"}
    assert scene.status(keys[0]) == "published"


def test_the_undo_leaves_what_was_decided_anew(cast: Cast) -> None:
    keys = reported(cast, 3)
    id = begun(cast, keys)
    whole(id)
    shown = seen_mark(standing_decisions([keys[0]])[keys[0]], None)
    actions.decide(scene.actor(cast.ada), keys[0], "keep", seen=shown)
    db.commit()
    made = db.session.scalar(select(Decision.id).where(Decision.comment_id == keys[1])) or 0
    assert cast.browser(cast.quill).post(f"/moderation/decisions/{made}/undo").status_code == 303
    db.session.expire_all()
    scene.decide(cast.ada, keys[1], "hide")
    bulk.take_back(scene.actor(cast.quill), id)
    db.commit()
    whole(id)
    assert [scene.status(key) for key in keys] == ["published", "hidden", "published"]
    assert left_out(cast, id) == {keys[0]: "decided", keys[1]: "undone"}
    with pytest.raises(Conflict):
        bulk.take_back(scene.actor(cast.quill), id)
    db.rollback()


def test_taken_back_before_its_end_the_rest_is_not_done(cast: Cast) -> None:
    keys = reported(cast, 4)
    id = begun(cast, keys)
    bulk.step(id)  # one of the two articles
    db.commit()
    bulk.take_back(scene.actor(cast.quill), id)
    db.commit()
    whole(id)
    assert [scene.status(key) for key in keys] == ["published"] * 4
    assert sorted(left_out(cast, id).values()) == ["stopped", "stopped"]


@pytest.mark.parametrize("change", [{"role": "reader"}, {"deactivated_at": now()}], ids=("demoted", "off"))
def test_a_person_who_moderates_no_more_decides_nothing(cast: Cast, change: dict[str, object]) -> None:
    keys = reported(cast, 2)
    id = begun(cast, keys)
    db.lock()
    db.session.execute(update(Person).where(Person.id == cast.quill.id).values(change))
    db.commit()
    whole(id)
    assert [scene.status(key) for key in keys] == ["published"] * 2
    assert set(db.session.scalars(select(BulkCase.state).where(BulkCase.bulk_id == id))) == {"skipped"}


def test_an_author_reaches_only_their_own_articles(cast: Cast) -> None:
    keys = reported(cast, 4)
    cases = [scene.case_of(key) for key in keys]
    made = bulk.begin(scene.actor(cast.ida), cases, now(), "spam", "", "")
    db.commit()
    whole(made.id)
    assert [scene.status(key) for key in keys] == ["published", "spam", "published", "spam"]
    assert cast.browser(cast.otto).get(f"/moderation/bulk/{made.id}").status_code == 404
    with pytest.raises(Forbidden):
        bulk.take_back(scene.actor(cast.otto), made.id)
    db.rollback()


def test_what_is_wrong_is_refused_before_anything_is_done(cast: Cast) -> None:
    keys = reported(cast, 1)
    quill, case = scene.actor(cast.quill), scene.case_of(keys[0])
    for cases, decision, rule in (
        ([case], "hide", ""),
        ([case], "hide", "99"),
        ([case], "erase", ""),
        ([], "spam", ""),
    ):
        with pytest.raises(Invalid):
            bulk.begin(quill, cases, now(), decision, rule, "")
        db.rollback()
    with pytest.raises(NotFound):
        bulk.take_back(quill, 99)
    db.rollback()
    browser = cast.browser(cast.quill)
    for address in ("do=burn&all=1", "do=spam", "do=spam&case=0&case=x", "do=spam&all=1&back=q%3Dnothing"):
        page = browser.get(f"/moderation/bulk?{address}")
        assert "Please" in page.text and "<button class" not in page.text.split("<main")[1]
    assert browser.post("/moderation/bulk", do="spam", all="1").status_code == 422
    assert scene.status(keys[0]) == "published"


def test_after_a_day_it_is_too_late_to_take_all_back(cast: Cast) -> None:
    keys = reported(cast, 1)
    id = begun(cast, keys)
    whole(id)
    db.lock()
    db.session.execute(update(Bulk).values(created_at=now() - timedelta(hours=25)))
    db.commit()
    with pytest.raises(Conflict, match="too long ago"):
        bulk.take_back(scene.actor(cast.quill), id)
    db.rollback()


def test_what_is_searched_for_is_what_is_decided(cast: Cast) -> None:
    keys = reported(cast, 3)
    found = bulks.extent(scene.actor(cast.quill), Filters(q="number 1"), None)
    assert found.ids == [db.session.scalar(select(Case.id).where(Case.comment_id == keys[1]))]
    assert db.session.get_one(Comment, keys[1]).author_id == cast.tom.id


def test_two_who_do_the_same_act_at_once_decide_each_case_once(cast: Cast, app: Flask) -> None:
    keys = reported(cast, 12)
    id = begun(cast, keys)
    before = len(ledger.acts(limit=200))

    def work() -> None:
        with app.test_request_context():
            whole(id)
            db.session.remove()

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(work) for _ in range(2)]:
            done.result()
    db.session.expire_all()
    assert len(db.session.scalars(select(Decision.id)).all()) == 12
    assert len(ledger.acts(limit=200)) == before + 12
    assert left_out(cast, id) == {}
