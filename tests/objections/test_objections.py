"""Objecting once to what was done to oneself, decided by somebody else."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from sqlalchemy import select

from forum import db
from forum.cases.models import Case, Objection
from forum.clock import now
from forum.comments.ending import actions as ending
from forum.comments.ending.request import Ending
from forum.errors import Conflict, Forbidden, Invalid, NotFound
from forum.jobs.actions import Taken
from forum.legal import actions as law
from forum.legal import deciding, letters
from forum.legal.actions import Filing
from forum.legal.models import LegalNotice
from forum.moderation import erasing
from forum.notifications import queries as notifications
from forum.objections import actions
from forum.people.queries import viewer_of
from tests import factories
from tests.comments.talk import row as comment_row
from tests.comments.talk import say
from tests.legal.scene import decided, do, filed
from tests.moderation.scene import decide, report
from tests.sanctions.scene import actor, impose


def told(person: Any) -> Any:
    """Return the newest notice of somebody."""
    return notifications.notices(person.id).items[0]


def objection(person: Any, words: str = "It was not rude.") -> int:
    """Let somebody object to what they were told last, and return the objection's id."""
    made = actions.object_to(actor(person), told(person).id, words)
    db.commit()
    return made.id


def row(id: int) -> Objection:
    return db.session.get_one(Objection, id, populate_existing=True)


def removed(cast: Any, by: Any = None) -> int:
    said = say(cast.tom, cast.article, "Something rude about Rosa.")
    report(cast.rosa, said)
    decide(by or cast.quill, said, "hide", "1")
    return said


def test_the_page_says_what_which_words_which_rule_and_that_a_report_led_to_it(cast):
    removed(cast)
    page = cast.browser(cast.tom).get("/notices").text
    address = f"/notices/{told(cast.tom).id}/object"
    assert address in page
    page = cast.browser(cast.tom).get(address).text
    for words in (
        "Your comment was removed.",
        "Something rude about Rosa.",
        "The rule: 1. ",
        "Somebody had reported it.",
    ):
        assert words in page
    for secret in ("Quill", "Rosa<"):
        assert secret not in page
    for person in (cast.rosa, cast.quill, cast.ada):
        assert cast.browser(person).get(address).status_code == 404
        assert cast.browser(person).post(address, words="Not mine.").status_code == 404
    assert cast.browser(cast.tom).forge(address, words="Forged.").status_code == 403


def test_upheld_by_somebody_else_takes_the_removal_back_and_tells(cast):
    said = removed(cast)
    made = objection(cast.tom)
    assert db.session.get_one(Case, row(made).case_id).queue == "objections"
    page = f"/moderation/objections/{made}"
    assert "It was not rude." in cast.browser(cast.quill).get("/moderation/objections").text
    shown = cast.browser(cast.quill).get(page).text
    assert "somebody else has to decide" in shown and "Something rude about Rosa." in shown
    answer = cast.browser(cast.quill).post(page, outcome="refused", reason="I stand by it.")
    assert (answer.status_code, row(made).outcome) == (403, None)
    assert "/moderation/objections" in cast.browser(cast.ada).get("/moderation/queue").text
    assert cast.browser(cast.ada).post(page, outcome="upheld", reason="It is blunt, no more.").status_code == 303
    assert comment_row(said).status == "published"
    assert (row(made).outcome, db.session.get_one(Case, row(made).case_id).state) == ("upheld", "decided")
    assert (told(cast.tom).kind, told(cast.tom).outcome, told(cast.tom).text) == (
        "objection",
        "upheld",
        "It is blunt, no more.",
    )
    text = cast.browser(cast.tom).get("/notices").text
    assert "Your objection was upheld." in text
    assert "Ada" not in text
    assert cast.browser(cast.ada).get("/moderation/queue?tab=decided").status_code == 200
    assert cast.browser(cast.ada).get("/moderation/queue?tab=objections").status_code == 303


@pytest.mark.parametrize("kind", ["decision", "law", "suspension", "hold"])
def test_what_was_told_before_says_that_the_objection_took_it_back(cast, kind):
    if kind == "decision":
        removed(cast)
    elif kind == "law":
        decided(cast.quill, filed(say(cast.tom, cast.article, "Something rude about Rosa.")), "hide")
    else:
        impose(cast.quill, cast.tom, kind)
    first = told(cast.tom)
    made = objection(cast.tom)
    assert not notifications.one(cast.tom.id, first.id).is_new  # who objects has read it
    page = cast.browser(cast.tom).get("/notices").text
    assert "what you can say against it" in page and "taken back after" not in page
    actions.decide(actor(cast.ada), made, "upheld", "You are right.")
    db.commit()
    page = cast.browser(cast.tom).get("/notices").text
    before = page[page.index(f'id="notice-{first.id}"') :]
    assert "This was taken back after your objection." in before
    assert "Your objection, and what became of it" in before
    assert "what you can say against it" not in page
    if kind == "decision":
        assert "Your comment is back." in page


def test_refused_with_a_reason_leaves_it_and_nobody_objects_twice(cast):
    said, notice = removed(cast), told(cast.tom).id
    made = objection(cast.tom)
    with pytest.raises(Conflict, match="objected already"):
        actions.object_to(actor(cast.tom), notice, "Again.")
    db.rollback()
    with pytest.raises(Invalid):
        actions.decide(actor(cast.ada), made, "refused", " ")
    db.rollback()
    actions.decide(actor(cast.ada), made, "refused", "It names a person.")
    db.commit()
    assert comment_row(said).status == "hidden"
    assert "It was refused." in cast.browser(cast.tom).get(f"/notices/{notice}/object").text
    with pytest.raises(Conflict, match="meanwhile"):
        actions.decide(actor(cast.ada), made, "upheld", "Or not.")
    db.rollback()


@pytest.mark.parametrize("kind", ["warning", "hold", "slow", "suspension"])
def test_a_sanctioned_person_may_object_suspended_too(cast, kind):
    impose(cast.quill, cast.tom, kind)
    made = objection(cast.tom)
    actions.decide(actor(cast.ada), made, "upheld", "Too hard.")
    db.commit()
    seen = viewer_of(cast.tom.id)
    assert (seen.suspended_until, seen.held_until, seen.slow_until) == (None, None, None)
    kinds = [item.kind for item in notifications.notices(cast.tom.id).items]
    assert kinds == ["objection", "lifted", "sanction"]


def test_an_ended_exchange_is_opened_again(cast):
    first = say(cast.tom, cast.article, "One.")
    closure = ending.close_branch(actor(cast.ida), first, Ending(words="Enough."))
    db.commit()
    made = objection(cast.tom)
    actions.decide(actor(cast.quill), made, "upheld", "Let them talk.")
    db.commit()
    from forum.closures.models import Closure

    assert db.session.get_one(Closure, closure.id, populate_existing=True).reopened_at is not None


def test_the_moderator_who_acted_decides_only_where_there_is_nobody_else_and_the_page_says_so(cast):
    removed(cast, by=cast.ada)
    made = objection(cast.tom)
    with pytest.raises(Forbidden, match="objection-to-you"):
        actions.decide(actor(cast.ada), made, "refused", "I stand by it.")
    db.rollback()
    address = f"/notices/{told(cast.tom).id}/object"
    assert "who did not decide this" in cast.browser(cast.tom).get(address).text
    db.lock()
    cast.quill.role = "reader"
    db.commit()
    assert "There is nobody else at present" in cast.browser(cast.tom).get(address).text
    assert "There is nobody else" in cast.browser(cast.ada).get(f"/moderation/objections/{made}").text
    actions.decide(actor(cast.ada), made, "refused", "I stand by it.")
    db.commit()
    assert "There was nobody else" in cast.browser(cast.tom).get("/notices").text


def test_a_moderators_objection_and_one_to_a_ban_are_for_admins(cast):
    olga = factories.person("Olga", "admin", password_hash="x")
    impose(cast.ada, cast.tom, "ban")
    impose(cast.ada, cast.quill, "hold")
    banned, held = objection(cast.tom), objection(cast.quill)
    marta = factories.person("Marta", "moderator")
    for made in (banned, held):
        with pytest.raises(Forbidden, match="only-admins"):
            actions.decide(actor(marta), made, "upheld", "Let them.")
        db.rollback()
    with pytest.raises(Forbidden, match="own-objection"):
        actions.decide(actor(cast.quill), held, "upheld", "Let me.")
    db.rollback()
    actions.decide(actor(olga), banned, "upheld", "Let him.")
    db.commit()
    assert viewer_of(cast.tom.id).suspended_until is None


def test_what_was_taken_back_or_is_not_ones_own_cannot_be_objected_to(cast):
    made = impose(cast.quill, cast.tom, "hold")
    notice = told(cast.tom).id
    from forum.sanctions import actions as sanctions

    for who in (cast.rosa, cast.quill):
        with pytest.raises(NotFound):
            actions.object_to(actor(who), notice, "Not mine.")
        db.rollback()
    sanctions.lift(actor(cast.ada), made, "A mistake.")
    db.commit()
    with pytest.raises(Conflict, match="taken back"):
        actions.object_to(actor(cast.tom), notice, "Still.")
    db.rollback()
    for id in (told(cast.tom).id, 10**9):
        with pytest.raises(NotFound):
            actions.object_to(actor(cast.tom), id, "Still.")
        db.rollback()
    answer = cast.browser(cast.tom).post(f"/notices/{notice}/object", words="x" * 2001)
    assert answer.status_code == 422


def test_two_decisions_at_once_are_one(cast):
    marta = factories.person("Marta", "moderator")
    removed(cast)
    made, deciders, results = objection(cast.tom), [actor(cast.ada), actor(marta)], []
    db.rollback()
    barrier = threading.Barrier(2, timeout=20)

    def choose(who: Any, outcome: str) -> None:
        with cast.app.app_context():
            barrier.wait()
            try:
                actions.decide(who, made, outcome, "Because.")
                db.commit()
                results.append("done")
            except Conflict:
                db.rollback()
                results.append("told")

    threads = [threading.Thread(target=choose, args=pair) for pair in zip(deciders, ("upheld", "refused"), strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(results) == ["done", "told"]


def test_words_of_an_objection_go_with_the_comment(cast):
    said = removed(cast)
    made = objection(cast.tom, "I only said that Rosa lives in Mill Lane.")
    page = f"/moderation/objections/{made}"
    assert "Something rude about Rosa." in cast.browser(cast.ada).get(page).text
    erasing.erase_comment(actor(cast.ada), said, "1")
    db.commit()
    assert "Something rude about Rosa." not in cast.browser(cast.ada).get(page).text
    for url in ("/moderation/objections", "/moderation/history"):
        assert "Mill Lane" not in cast.browser(cast.ada).get(url).text
    for person in (cast.rosa, None):
        assert "Mill Lane" not in cast.browser(person).get(f"/articles/{cast.article.slug}").text


def test_what_was_removed_by_law_comes_back_to_who_objected_and_stays_away_for_the_others(cast):
    first = say(cast.tom, cast.article, "Ada is a thief.")
    reply = say(cast.rosa, cast.article, "She is.", parent=first)
    case_id = filed(first, what="/branch")
    decided(cast.quill, case_id, "hide")
    notice = told(cast.tom)
    address = f"/notices/{notice.id}/object"
    page = cast.browser(cast.tom).get("/notices").text
    assert notice.kind == "law-removed" and address in page
    page = cast.browser(cast.tom).get(address).text
    assert "because of a notice that somebody sent" in page and "Nora Quiet" not in page
    made = objection(cast.tom, "It is a quotation.")
    assert cast.browser(cast.ada).get(f"/moderation/cases/{row(made).case_id}").location.endswith(f"/objections/{made}")
    assert "Removed because of a notice of law" in cast.browser(cast.ada).get(f"/moderation/objections/{made}").text
    with pytest.raises(Forbidden, match="objection-to-you"):
        actions.decide(actor(cast.quill), made, "upheld", "I was wrong.")
    db.rollback()
    actions.decide(actor(cast.ada), made, "upheld", "It quotes the court.")
    db.commit()
    assert (comment_row(first).status, comment_row(reply).status) == ("published", "hidden")
    notice_of_law = db.session.scalars(select(LegalNotice)).one()
    assert "a part of it was put back" in cast.browser().get(letters.path(notice_of_law)).text
    letter = letters.decision(Taken(1, "law-decision", {"notice": 1}, 0, now(), now()))
    assert "After an objection, a part of it was put back." in letter.values["words"]


def test_a_decision_by_law_made_anew_can_be_objected_to_anew(cast):
    said = say(cast.tom, cast.article, "Ada is a thief.")
    case_id = filed(said)
    decided(cast.quill, case_id, "hide")
    first = objection(cast.tom)
    actions.decide(actor(cast.ada), first, "upheld", "It stands in every paper.")
    db.commit()
    do(cast.quill, deciding.undo_notice, case_id)
    decided(cast.quill, case_id, "hide", "A court said so today.")
    assert comment_row(said).status == "hidden"
    second = objection(cast.tom)
    actions.decide(actor(cast.ada), second, "refused", "The court did.")
    db.commit()
    assert (comment_row(said).status, row(first).outcome, row(second).outcome) == ("hidden", "upheld", "refused")


def test_what_only_the_article_was_named_for_has_nothing_to_give_back(cast):
    decided(cast.quill, filed_about_article(cast), "hide")
    notice = told(cast.ida)
    assert (notice.kind, notice.comment_id) == ("law-removed", None)
    assert f"/notices/{notice.id}/object" not in cast.browser(cast.ida).get("/notices").text
    with pytest.raises(NotFound):
        actions.object_to(actor(cast.ida), notice.id, "It is art.")


def test_a_removal_by_law_about_a_child_is_for_admins(cast):
    said = say(cast.tom, cast.article, "Ada is a thief.")
    decided(cast.ada, filed(said, "child"), "hide")
    made = objection(cast.tom)
    page = cast.browser(cast.quill).get(f"/moderation/objections/{made}")
    assert "Ada is a thief." not in page.text
    with pytest.raises(Forbidden):
        actions.decide(actor(cast.quill), made, "upheld", "There is no child.")
    db.rollback()
    actions.decide(actor(cast.ada), made, "upheld", "There is no child.")
    db.commit()
    assert comment_row(said).status == "published"


def filed_about_article(cast: Any) -> int:
    """Send a notice of law about an article, and return its case."""
    about = Filing(
        f"/articles/{cast.article.slug}", "insult", "It calls me a thief.", name="Nora", email="n@post.example"
    )
    made, _ = law.file(about, lambda host: False)
    db.commit()
    return made.case_id
