"""No reply is committed after a closing that covers it, whichever is first (bar 39): two connections, two threads."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from forum import db
from forum.articles.models import Article, Tag
from forum.clock import now
from forum.closures.models import Closure
from forum.comments.ending import actions as closing
from forum.comments.ending.automatic import close_some
from forum.comments.ending.request import Ending
from forum.comments.models import Comment
from forum.comments.writing import actions
from forum.errors import Conflict, Forbidden
from forum.ledger.models import Entry
from forum.people.queries import viewer_of
from forum.policy import Actor
from forum.sanctions import actions as sanctions
from forum.sanctions.actions import Wanted
from tests import factories
from tests.comments.talk import let, say
from tests.racing import Race

pytestmark = pytest.mark.both_kinds

ROUNDS = 24  # for each reach, a third of them each way round: over 200 on each database
WORDS = "It was time."
# What is closed, and the act that the log has of it.
WIDE = {
    "tag": "tag.close",
    "site": "site.close",
    **dict.fromkeys(("tag for one", "site for one"), "closure.one"),
}
ACTS = {
    "branch": "closure.make",
    "article": "article.close",
    "two": "closure.make",
    "for one": "closure.one",
    "by itself": "article.close",
    **WIDE,
}


def at(act: str, comment_id: int | None = None, closure_id: int | None = None) -> int:
    """Return where in the log an act stands, which within an article is the order of the commits."""
    query = select(Entry.id).where(Entry.act == act)
    query = query.where(Entry.comment_id == comment_id if comment_id else Entry.closure_id == closure_id)
    return db.session.scalars(query).one()


def place(cast: Any, reach: str) -> tuple[int, Callable[[Actor], int], Callable[[Actor], int]]:
    """Return an article, a reply in it, and the closing that covers that."""
    article = factories.article(cast.ida)
    number = article.id  # now: the threads must not touch this thread's rows
    root = say(cast.tom, article)
    parent = say(cast.ida, article, parent=root)
    reply = lambda actor: actions.post(actor, number, "One more thing.", parent_id=parent).id  # noqa: E731
    ending = Ending(words=WORDS, people="two" if reach == "two" else "all", start_id=None)
    if reach == "by itself":
        let(auto_close_words=WORDS)
        db.lock()
        due = {"auto_close_days": 1, "published_at": now() - timedelta(days=2), "closes_at": now() + timedelta(hours=1)}
        db.session.execute(update(Article).where(Article.id == number).values(**due, closes_for="age"))
        db.commit()
        return number, reply, lambda actor: close_by_itself(number)
    if reach == "article":
        return number, reply, lambda actor: closing.close_article(actor, number, ending).id
    if reach in WIDE:
        tag = tagged(number) if "tag" in reach else None
        ending = Ending(words=WORDS, people="one" if "for one" in reach else "all", person="tom")
        return number, reply, lambda actor: closing.close_many(actor, tag, ending).id
    if reach == "for one":
        ending = Ending(words=WORDS, people="one", person="tom")
    return number, reply, lambda actor: closing.close_branch(actor, parent, ending).id


def tagged(article_id: int) -> int:
    """Give an article a tag of its own; return the tag's id."""
    db.lock(article_id)
    tag = Tag(slug=f"t{article_id}", name=f"T{article_id}")
    db.session.get_one(Article, article_id).tags = [tag]
    db.session.flush()
    made = tag.id
    db.commit()
    return made


def open_again(closure_id: int) -> None:
    """Open again what would close the articles of the next rounds, too."""
    db.lock()
    db.session.execute(update(Closure).where(Closure.id == closure_id).values(reopened_at=now()))
    db.commit()


def close_by_itself(article_id: int) -> int:
    """Let the worker close an article an hour before its time; return the closure."""
    assert close_some(now() + timedelta(hours=2)) == 1
    return db.session.scalars(select(Closure.id).where(Closure.article_id == article_id)).one()


@pytest.mark.parametrize("reach", list(ACTS))
def test_no_reply_is_committed_after_its_closing(cast, reach):
    writer, closer = _detached(cast.tom), _detached(cast.ada if reach in WIDE else cast.quill)
    won = {"reply": 0, "close": 0}
    closing_act = ACTS[reach]
    for number in range(ROUNDS):
        article_id, reply, close = place(cast, reach)
        before = set(db.session.scalars(select(Comment.id).where(Comment.article_id == article_id)))
        db.rollback()
        first = (None, "reply", "close")[number % 3]
        # The first of the two holds what both wait for: of more than one article that is not the article.
        hold = db.Hold.EXCLUSIVE if first == "close" else db.Hold.SHARED
        locks = ([], {"writing": hold}) if reach in WIDE else ([article_id], {})
        race = Race(cast, lambda locks=locks: db.lock(*locks[0], **locks[1]))
        results = race.run(first, reply=lambda r=reply: r(writer), close=lambda c=close: c(closer))
        assert isinstance(results["close"], int), results
        made = set(db.session.scalars(select(Comment.id).where(Comment.article_id == article_id))) - before
        if isinstance(results["reply"], int):
            won["reply"] += 1
            assert made == {results["reply"]}
            assert at("comment.post", comment_id=results["reply"]) < at(closing_act, closure_id=results["close"])
            assert first != "close"
        else:
            won["close"] += 1
            assert made == set()
            assert isinstance(results["reply"], Conflict), results
            assert results["reply"].words == WORDS
            assert first != "reply"
        open_again(results["close"])
    assert min(won.values()) >= ROUNDS // 3


@pytest.mark.parametrize("first", [None, "reply", "suspend"])
def test_nobody_writes_after_their_suspension(cast, first):
    for _ in range(7):
        victim = factories.person()
        article_id, reply, _close = place(cast, "branch")
        writer, admin, victim_id = _detached(victim), _detached(cast.ada), victim.id
        db.rollback()
        person = {victim_id: db.Hold.EXCLUSIVE if first == "suspend" else db.Hold.SHARED}
        article = [article_id] if first == "reply" else []
        results = Race(cast, lambda a=article, p=person: db.lock(*a, people=p)).run(
            first,
            reply=lambda r=reply, w=writer: r(w),
            suspend=lambda v=victim_id, a=admin: sanctions.sanction(
                a, v, Wanted("suspension", words="Too loud.", days=1)
            ),
        )
        assert not isinstance(results["suspend"], Exception), results
        if isinstance(results["reply"], Exception):
            assert isinstance(results["reply"], Forbidden), results
            assert first != "reply"
        else:
            assert first != "suspend"
            query = select(Entry.id).where(Entry.act == "person.suspend", Entry.person_id == victim_id)
            assert at("comment.post", comment_id=results["reply"]) < db.session.scalars(query).one()


def _detached(person: Any) -> Any:
    """Return somebody as a request knows them: plain values read before the lock."""
    return viewer_of(person.id)
