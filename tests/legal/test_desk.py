"""What is done about a notice of law on the desk, who is told, and what comes back when it is undone."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select, update

from forum import db
from forum.clock import now
from forum.errors import Conflict, Invalid, NotFound
from forum.ledger.models import Entry
from forum.legal import actions, deciding
from forum.legal.models import LegalNotice
from forum.moderation import actions as moderation
from forum.moderation.queries import queue
from forum.moderation.queries.queue import Filters
from forum.policy import law
from forum.site.models import Site
from tests.cast import Cast
from tests.legal.scene import SENDER, case, decided, do, filed, newest
from tests.moderation.scene import actor, has_read, last_act, let_guests_write, status, told, write

WORDS = "Ada is a thief, ask the heron."


def seen(cast: Cast, comment_id: int) -> list[int]:
    """Return which of a visitor's pages have the words."""
    urls = [f"/articles/{cast.article.slug}", f"/comments/{comment_id}/branch", f"/feeds/articles/{cast.article.slug}"]
    visitor = cast.browser()
    return [n for n, url in enumerate(urls) if "the heron" in visitor.get(url, follow_redirects=True).text]


def entries() -> int:
    """Return how many entries the log has."""
    return db.session.scalar(select(func.count(Entry.id))) or 0


def test_hide_meanwhile_and_its_undo(cast: Cast) -> None:
    comment = write(cast.tom, cast.article, WORDS)
    assert seen(cast, comment) == [0, 1, 2]
    case_id = filed(comment)
    quill = cast.browser(cast.quill)
    before = entries()
    assert quill.post(f"/moderation/notices/{case_id}/hide").status_code == 303
    page = quill.get(f"/moderation/queue?tab=notices&case={case_id}").text
    assert "Gone from all pages at " in page and f"/moderation/notices/{case_id}/show" in page
    assert status(comment) == "hidden" and seen(cast, comment) == [] and entries() == before + 1
    assert quill.post(f"/moderation/notices/{case_id}/hide").status_code == 409
    assert quill.post(f"/moderation/notices/{case_id}/show").status_code == 303
    assert status(comment) == "published" and seen(cast, comment) == [0, 1, 2]
    assert last_act().act == "notice.show"


def test_a_branch_is_hidden_with_its_replies_and_comes_back(cast: Cast) -> None:
    let_guests_write()
    first = write(cast.tom, cast.article, WORDS)
    reply, held = write(cast.rosa, cast.article, "So?", first), write(None, cast.article, "Waits.", first)
    case_id = filed(first, what="/branch")
    do(cast.quill, deciding.hide_meanwhile, case_id)
    assert [status(id) for id in (first, reply, held)] == ["hidden"] * 3
    decided(cast.quill, case_id, "keep")
    assert [status(id) for id in (first, reply, held)] == ["published", "published", "held"]


@pytest.mark.parametrize("decision", ["hide", "keep"])
@pytest.mark.parametrize("hidden", [True, False])
def test_a_decision_tells_the_writer_and_undo_puts_all_back(cast: Cast, decision: str, hidden: bool) -> None:
    comment = write(cast.tom, cast.article, WORDS)
    case_id = filed(comment)
    if hidden:
        do(cast.quill, deciding.hide_meanwhile, case_id)
    before = entries()
    decided(cast.quill, case_id, decision)
    assert entries() == before + 1
    assert status(comment) == ("hidden" if decision == "hide" else "published")
    assert (case(case_id).state, case(case_id).outcome) == ("decided", decision)
    kind = "law-removed" if decision == "hide" else "law-kept"
    assert told(cast.tom) == [(kind, "")]
    assert told(cast.ida) == told(cast.rosa) == []
    page = cast.browser(cast.tom).get("/notices").text
    assert "It is a plain insult." in page and "Nora" not in page and "Quill" not in page
    frame = cast.browser().get(f"/comments/{comment}", follow_redirects=True).text
    assert ("Against the law" in frame) is False  # without a reply nothing stands there
    with pytest.raises(Conflict):
        decided(cast.ada, case_id, "keep")
    db.rollback()
    do(cast.quill, deciding.undo_notice, case_id)
    assert status(comment) == ("hidden" if hidden else "published")
    assert case(case_id).state == "open" and newest().reasons == ""
    assert told(cast.tom) == []  # unread, so there is nothing to correct
    with pytest.raises(Conflict):
        do(cast.quill, deciding.undo_notice, case_id)


def test_a_person_who_read_of_a_decision_hears_that_it_was_taken_back(cast: Cast) -> None:
    case_id = filed(write(cast.tom, cast.article, WORDS))
    decided(cast.quill, case_id, "hide")
    has_read(cast.tom)
    do(cast.quill, deciding.undo_notice, case_id)
    assert told(cast.tom)[0] == ("law-open", "")
    assert cast.browser(cast.tom).get("/notices").status_code == 200


def test_the_place_of_a_removed_comment_says_why(cast: Cast) -> None:
    comment = write(cast.tom, cast.article, WORDS)
    write(cast.rosa, cast.article, "So?", comment)
    decided(cast.quill, filed(comment), "hide")
    assert "Against the law: Insult or defamation" in cast.browser().get(f"/articles/{cast.article.slug}").text


def test_it_is_passed_on_without_who_sent_it(cast: Cast) -> None:
    comment = write(cast.tom, cast.article, WORDS)
    case_id = filed(comment)
    for words in (f"{SENDER['name'].upper()} says so.", f"Write to {SENDER['email']}"):
        with pytest.raises(Invalid):
            do(cast.quill, deciding.pass_on, case_id, words)
        db.rollback()
    quill = cast.browser(cast.quill)
    refused = quill.post(f"/moderation/notices/{case_id}/pass", words="Nora Quiet says so.")
    assert refused.status_code == 422 and "Nora Quiet says so." in refused.text
    assert quill.post(f"/moderation/notices/{case_id}/pass", words="He calls me a thief.").status_code == 303
    assert told(cast.tom) == [("law-passed", "")]
    page = cast.browser(cast.tom).get("/notices").text
    assert "He calls me a thief." in page and "Insult or defamation" in page and "Nora" not in page
    assert quill.post(f"/moderation/notices/{case_id}/pass", words="Again.").status_code == 409
    assert quill.post(f"/moderation/notices/{case_id}/decide", decision="keep", reasons="").status_code == 422


def test_two_notices_about_one_comment_need_both_to_let_it_go(cast: Cast) -> None:
    comment = write(cast.tom, cast.article, WORDS)
    one, two = filed(comment), filed(comment, why="I am no thief.")
    do(cast.quill, deciding.hide_meanwhile, one)
    do(cast.quill, deciding.hide_meanwhile, two)
    decided(cast.quill, one, "keep")
    assert status(comment) == "hidden"
    decided(cast.quill, two, "keep")
    assert status(comment) == "published"


def test_what_a_moderator_restored_meanwhile_stays(cast: Cast) -> None:
    comment = write(cast.tom, cast.article, WORDS)
    case_id = filed(comment)
    do(cast.quill, deciding.hide_meanwhile, case_id)
    moderation.decide(actor(cast.quill), comment, "keep")
    db.commit()
    decided(cast.quill, case_id, "keep")
    assert status(comment) == "published"


def test_a_child_is_sealed_at_once_and_only_admins_read_and_decide(cast: Cast) -> None:
    comment = write(cast.tom, cast.article, WORDS)
    write(cast.rosa, cast.article, "So?", comment)
    case_id = filed(comment, "child")
    assert status(comment) == "sealed" and seen(cast, comment) == []
    for person in (cast.quill, cast.ida, cast.tom):
        browser = cast.browser(person)
        for url in (f"/articles/{cast.article.slug}", f"/comments/{comment}/history", f"/moderation/queue/{comment}"):
            assert "the heron" not in browser.get(url, follow_redirects=True).text
    listed = cast.browser(cast.quill).get("/moderation/queue?tab=notices").text
    assert "Child sexual abuse" in listed and "calls me a thief" not in listed
    with pytest.raises(NotFound):
        decided(cast.quill, case_id, "keep")
    db.rollback()
    assert "the heron" in cast.browser(cast.ada).get(f"/moderation/queue?tab=notices&case={case_id}").text
    with pytest.raises(Conflict):
        do(cast.ada, deciding.pass_on, case_id, "Words.")
    db.rollback()
    decided(cast.ada, case_id, "hide")
    assert status(comment) == "sealed"
    assert "the heron" not in cast.browser(cast.tom).get("/notices").text
    do(cast.ada, deciding.undo_notice, case_id)
    decided(cast.ada, case_id, "keep")
    assert status(comment) == "published" and seen(cast, comment) == [0, 1, 2]
    filed(comment, "child")  # kept once: a stranger's word does not seal it again
    assert status(comment) == "published"


def test_the_door_for_children_is_bounded(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    staff, author = write(cast.quill, cast.article), write(cast.ida, cast.article)
    for comment in (staff, author):
        filed(comment, "child")
        assert status(comment) == "published"
    many = [write(cast.tom, cast.article, f"Remark {n}") for n in range(5)]
    about = "\n".join(f"/comments/{id}" for id in many)
    actions.file(actions.Filing(about, "child", "It is.", "", ""), lambda host: False)
    db.commit()
    assert [status(id) for id in many] == ["sealed"] * law.SEALED_A_NOTICE + ["published"] * 2
    monkeypatch.setattr(law, "SEALED_A_DAY", 4)
    for id in many[3:]:
        filed(id, "child")
    assert [status(id) for id in many[3:]] == ["sealed", "published"]
    filed(author, "child", "")
    article = filed_about_article(cast)
    assert case(article).priority == 1 and db.session.get_one(type(cast.article), cast.article.id).status == "published"


def filed_about_article(cast: Cast) -> int:
    """Send a notice about a child that names the article."""
    filing = actions.Filing(f"/articles/{cast.article.slug}", "child", "It is.", "", "")
    made, _ = actions.file(filing, lambda host: False)
    db.commit()
    return made.case_id


def test_the_tab_shows_what_is_late_first(cast: Cast) -> None:
    comment = write(cast.tom, cast.article)
    old, new = filed(comment), filed(comment, why="I am no thief.")
    db.lock()
    db.session.execute(update(LegalNotice).where(LegalNotice.case_id == old).values(due_at=now()))
    db.commit()
    rows = queue.page(actor(cast.quill), Filters(tab="notices")).rows
    assert [row.id for row in rows] == [old, new]
    page = cast.browser(cast.quill).get("/moderation/queue?tab=notices").text
    assert page.count("Late since") == 1
    assert queue.tabs(actor(cast.quill))["notices"] == 2
    assert "notices" not in queue.tabs(actor(cast.ida))
    assert cast.browser(cast.quill).get(f"/moderation/cases/{old}").status_code == 303


def test_opening_it_is_told_to_who_sent_it(cast: Cast) -> None:
    case_id = filed(write(cast.tom, cast.article))
    assert newest().looked_at is None
    cast.browser(cast.quill).get(f"/moderation/queue?tab=notices&case={case_id}")
    assert newest().looked_at is not None


def test_senders_are_erased_in_time(cast: Cast) -> None:
    case_id = filed(write(cast.tom, cast.article))
    open_one = filed(write(cast.tom, cast.article))
    decided(cast.quill, case_id, "keep")
    db.lock()
    db.session.get_one(Site, 1).complainants_days = 0
    db.commit()
    assert actions.erase_complainants(now()) == 1
    db.commit()
    assert actions.erase_complainants(now()) == 0
    found = dict(db.session.execute(select(LegalNotice.case_id, LegalNotice.email)).all())
    assert found == {case_id: None, open_one: SENDER["email"]}
    assert "were erased on" in cast.browser(cast.quill).get(f"/moderation/notices/{case_id}").text


def test_nobody_learns_who_complained_about_them_nor_decides_that(cast: Cast) -> None:
    case_id = filed(write(cast.quill, cast.article, WORDS))
    quill = cast.browser(cast.quill)
    listed = quill.get("/moderation/queue?tab=notices").text
    assert "Insult or defamation" in listed and "calls me a thief" not in listed
    for act in ("hide", "show", "pass", "decide", "undo", "sender"):
        answer = quill.post(f"/moderation/notices/{case_id}/{act}", words="x", decision="keep", reasons="x")
        assert answer.status_code == 404
    own = filed(write(cast.ada, cast.article))
    ada = cast.browser(cast.ada)
    assert "Who sent it?" not in ada.get(f"/moderation/notices/{own}").text
    refused = ada.post(f"/moderation/notices/{own}/sender")
    assert refused.status_code == 403 and "Nora" not in refused.text
    decided(cast.ada, case_id, "keep")
