"""Preorder labels and counters under all that happens to a thread (bar 50)."""

from __future__ import annotations

import contextlib
import random
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import select

from forum import db
from forum.articles.models import Article
from forum.closures.models import Closure
from forum.comments import labels, recount, statuses
from forum.comments.ending import actions as closing
from forum.comments.ending.request import Ending
from forum.comments.models import Comment
from forum.comments.tree import Letter, preorder
from forum.comments.writing import actions, placement
from forum.errors import Refusal
from forum.people.queries import viewer_of
from forum.policy import has_place
from tests import factories
from tests.comments.talk import counted, let, put, say

pytestmark = pytest.mark.both_kinds

DERIVED = ("root_id", "depth", "reply_count", "closure_count", "thread_number", "thread_size")


def in_order(article_id: int) -> list[int]:
    """Return the ids of an article's comments as the database has them in reading order, thread by thread."""
    query = select(Comment.id).where(Comment.article_id == article_id).order_by(Comment.root_id, Comment.pos)
    return list(db.session.scalars(query))


def expected(article_id: int) -> list[int]:
    """Return the same from who answers whom alone."""
    query = select(Comment).where(Comment.article_id == article_id).order_by(Comment.id)
    letters = [Letter(row.id, row.parent_id, row.author_id or row.guest_name) for row in db.session.scalars(query)]
    return [id for id, _, _ in preorder(letters)]


def put_below(parent: Comment) -> Comment:
    """Add a bare row under a parent, inside a lock."""
    gap = db.session.execute(select(labels.GAP), {"parent": parent.id, "author": None, "guest": None}).one()
    pos = placement.label_below(parent.article_id, parent.root_id, *gap)
    made = Comment(article_id=parent.article_id, parent_id=parent.id, root_id=parent.root_id, pos=pos, html="")
    db.session.add(made)
    db.session.flush()
    return made


@pytest.mark.parametrize("choose", ["the newest", "the same", "any"])
def test_reading_order_holds_at_a_hot_spot(cast, choose):
    root = say(cast.tom, cast.article)
    spot = say(cast.ida, cast.article, parent=root)
    say(cast.rosa, cast.article, parent=root)  # all that follows has to fit in before this one
    dice = random.Random(7)
    db.lock(cast.article.id)
    rows = [db.session.get_one(Comment, spot)]
    with counted() as sent:
        for _ in range(1200):
            parent = {"the newest": rows[-1], "the same": rows[0], "any": dice.choice(rows)}[choose]
            rows.append(put_below(parent))
    db.commit()
    assert any(statement.startswith("UPDATE comments SET pos") for statement in sent)
    assert in_order(cast.article.id) == expected(cast.article.id)


def test_relabelling_keeps_the_label_a_closing_reply_is_counted_by(cast, monkeypatch):
    # Replying and closing in one act: the reply's place may be found by moving rows that the closing then counts.
    monkeypatch.setattr(labels, "STEP", 2)
    root = say(cast.tom, cast.article)
    first = say(cast.ida, cast.article, parent=root)
    say(cast.rosa, cast.article, parent=root)
    closing.close_branch(viewer_of(cast.ida.id), first, Ending(reply="My last word."))
    db.commit()
    closed = select(Comment.id).where(Comment.closure_count == 1).order_by(Comment.id)
    assert list(db.session.scalars(closed)) == [first, first + 2]


def test_an_erased_guest_does_not_let_others_behind_the_partner(cast):
    let(who_may_comment="guests")
    letters = [say(None, cast.article, guest_name="Zed")]
    put(letters[0], "published")
    letters.append(say(cast.tom, cast.article, parent=letters[0]))
    answers = [say(None, cast.article, parent=letters[1], guest_name="Zed") for _ in range(2)]
    for answer in answers:
        put(answer, "published")
    below = say(cast.tom, cast.article, parent=answers[0])
    say(cast.ida, cast.article, parent=answers[1])  # so that the erased one keeps its place
    db.lock(cast.article.id)
    statuses.erase(db.session.get_one(Comment, answers[1]))
    db.commit()
    remark = say(cast.rosa, cast.article, parent=letters[1])
    assert in_order(cast.article.id)[:5] == [*letters, remark, answers[0], below]


class Discussion(RuleBasedStateMachine):
    """Let people do whatever they can to one article's comments, and compare with everything worked out anew."""

    cast: Any

    def __init__(self) -> None:
        super().__init__()
        self.article = factories.article(self.cast.ida)
        self.people = [self.cast.tom, self.cast.rosa, self.cast.ida]

    @contextlib.contextmanager
    def attempt(self):
        """Do one act as a request would: all of it, or nothing where it is refused."""
        try:
            yield
            db.commit()
        except Refusal:
            db.rollback()

    def pick(self, number: int) -> int:
        ids = list(db.session.scalars(select(Comment.id).where(Comment.article_id == self.article.id)))
        return ids[number % len(ids)] if ids else 0

    @rule(who=st.integers(0, 2))
    def begin(self, who: int) -> None:
        with self.attempt():
            actions.post(self.people[who], self.article.id, "A beginning.")

    @rule(who=st.integers(0, 2), at=st.integers(0, 30), times=st.integers(1, 4))
    def reply(self, who: int, at: int, times: int) -> None:
        for _ in range(times):
            with self.attempt():
                actions.post(self.people[who], self.article.id, "An answer.", parent_id=self.pick(at))

    @rule(at=st.integers(0, 30))
    def edit(self, at: int) -> None:
        with self.attempt():
            comment = db.session.get(Comment, self.pick(at))
            writer = next((one for one in self.people if comment and one.id == comment.author_id), self.people[0])
            actions.edit(writer, self.pick(at), f"Better words {at}.")

    @rule(at=st.integers(0, 30), back=st.booleans())
    def withdraw(self, at: int, back: bool) -> None:
        with self.attempt():
            comment = db.session.get(Comment, self.pick(at))
            writer = next((one for one in self.people if comment and one.id == comment.author_id), self.people[0])
            (actions.undo_withdraw if back else actions.withdraw)(writer, self.pick(at))

    @rule(at=st.integers(0, 30), status=st.sampled_from(["hidden", "published", "held", "spam", "sealed"]))
    def decide(self, at: int, status: str) -> None:
        db.lock(self.article.id)
        comment = db.session.get(Comment, self.pick(at))
        if comment is not None and comment.status != "erased":
            statuses.set_status(comment, status)
        db.commit()

    @rule(at=st.integers(0, 30), status=st.sampled_from(["hidden", "published"]))
    def decide_about_a_branch(self, at: int, status: str) -> None:
        db.lock(self.article.id)
        comment = db.session.get(Comment, self.pick(at))
        if comment is not None:
            rows = statuses.branch(comment)
            statuses.set_statuses(rows, {row.id: status for row in rows if row.status not in ("erased", status)})
        db.commit()

    @rule(at=st.integers(0, 30))
    def erase(self, at: int) -> None:
        db.lock(self.article.id)
        comment = db.session.get(Comment, self.pick(at))
        if comment is not None:
            statuses.erase(comment)
        db.commit()

    @rule(at=st.integers(0, 30), reply=st.sampled_from(["", "The last word."]))
    def close(self, at: int, reply: str) -> None:
        with self.attempt():
            closing.close_branch(viewer_of(self.cast.ida.id), self.pick(at), Ending(reply=reply))

    @rule(at=st.integers(0, 10))
    def reopen(self, at: int) -> None:
        made = list(db.session.scalars(select(Closure.id).where(Closure.article_id == self.article.id)))
        if made:
            with self.attempt():
                closing.reopen(self.cast.ida, made[at % len(made)], "")

    @invariant()
    def nothing_is_crooked(self) -> None:
        kept = self.state()
        db.lock(self.article.id)
        recount.rebuild(self.article.id)
        db.session.flush()
        anew = self.state()
        db.rollback()
        assert kept == anew

    def state(self) -> tuple[Any, ...]:
        db.session.expire_all()
        rows = db.session.scalars(select(Comment).where(Comment.article_id == self.article.id).order_by(Comment.id))
        rows = list(rows)
        own = {row.id: row for row in rows}
        for row in rows:
            assert (row.pos == 0) == (row.parent_id is None)
            if row.parent_id is not None:
                assert own[row.parent_id].pos < row.pos, "a reply stands before what it answers"
            placed = [
                reply for reply in rows if reply.parent_id == row.id and has_place(reply.status, reply.reply_count)
            ]
            assert row.reply_count == len(placed)
        article = db.session.get_one(Article, self.article.id)
        counters = (article.comment_count, article.thread_count, article.last_comment_at)
        return in_order(self.article.id), [tuple(getattr(row, name) for name in DERIVED) for row in rows], counters


@pytest.mark.parametrize("step", [2**32, 3])
def test_whatever_happens_everything_derived_stays_right(cast, monkeypatch, step):
    monkeypatch.setattr(labels, "STEP", step)

    drive(Discussion, cast, 30)


def drive(machine, cast, steps):
    """Let hypothesis do things to the discussion of a cast, so many in a row."""
    run_state_machine_as_test(
        type("ThisDiscussion", (machine,), {"cast": cast}),
        settings=settings(
            max_examples=8,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            database=None,
        ),
    )
