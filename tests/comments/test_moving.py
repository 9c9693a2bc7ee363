"""Moving branches: what follows, who may, what is refused, and that everything derived stays right."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import rule
from sqlalchemy import select, update

from forum import db
from forum.articles.models import Article
from forum.cases.models import Case
from forum.clock import now
from forum.closures.models import Closure
from forum.comments import consistency, labels, recount
from forum.comments.ending import actions as closing
from forum.comments.ending.request import Ending
from forum.comments.models import Comment, Move
from forum.comments.moving import actions as moving
from forum.comments.writing import actions as writing
from forum.errors import Conflict, Forbidden, NotFound
from forum.ledger.models import Entry
from forum.moderation import actions as moderation
from forum.moderation import consistency as cases
from forum.notifications.models import Notice
from forum.people.models import Person
from tests import factories
from tests.comments.talk import counted, exchange, exchange_with_remarks, pour, put, row, say
from tests.comments.test_labels import DERIVED, Discussion, drive, in_order


def move(actor: Person, comment: int, article: Article, parent: int | None = None, reason: str = "") -> Move:
    """Move and commit."""
    made = moving.move(actor, comment, article.id, parent, reason)
    db.commit()
    return made


def sound(*articles: Article) -> None:
    """Assert that all that is derived of articles is what a fresh recount gives, and the open cases, too."""
    for article in articles:
        assert consistency.differences(article.id) == ([], [])
        kept = derived(article)
        db.lock(article.id)
        recount.rebuild(article.id)
        anew = derived(article)
        db.rollback()
        assert kept == anew
    assert cases.differences()[1] == []


def derived(article: Article) -> tuple[Any, ...]:
    """Return the reading order of an article and what is derived of each comment, and its counters."""
    db.session.expire_all()
    rows = db.session.scalars(select(Comment).where(Comment.article_id == article.id).order_by(Comment.id))
    found = [(one.id, *(getattr(one, name) for name in DERIVED)) for one in rows]
    counters = article.comment_count, article.thread_count, article.last_comment_at
    return in_order(article.id), found, counters


@pytest.fixture
def other(cast: Any) -> Article:
    """Return another article of Ida's."""
    return factories.article(cast.ida, "The ferry is late")


def test_a_branch_becomes_a_thread_of_another_article(cast, other):
    ids = exchange(cast)
    made = move(cast.quill, ids[2], other)
    assert in_order(cast.article.id) == ids[:2]
    assert in_order(other.id) == ids[2:]
    assert (row(ids[2]).parent_id, row(ids[2]).depth, row(ids[5]).depth) == (None, 0, 3)
    assert (made.from_article_id, made.from_parent_id, made.comment_count) == (cast.article.id, ids[1], 4)
    assert (row(ids[1]).reply_count, cast.article.comment_count, other.comment_count) == (0, 2, 4)
    assert other.thread_count == 1
    sound(cast.article, other)


def test_a_branch_goes_below_a_comment_of_its_own_thread(cast):
    ids = exchange_with_remarks(cast)
    target = ids[2]
    move(cast.ida, ids[5], cast.article, target)
    assert row(ids[5]).parent_id == target
    sound(cast.article)


def test_it_stands_among_the_replies_in_the_order_of_writing(cast, other):
    early = say(cast.rosa, cast.article)
    root = say(cast.tom, other)
    first, late = (say(one, other, parent=root) for one in (cast.ida, cast.quill))
    move(cast.quill, early, other, root)
    assert in_order(other.id) == [root, early, first, late]
    between = say(cast.rosa, cast.article)
    newest = say(cast.ida, other, parent=root)
    move(cast.quill, between, other, root)
    assert in_order(other.id) == [root, early, first, late, between, newest]
    sound(cast.article, other)


def test_answers_by_the_partner_come_last_in_the_new_place(cast, other):
    # Under Rosa's comment her answer comes last, though it was written first; and so among the replies of Ida below it.
    root = say(cast.tom, cast.article)
    top = say(cast.ida, cast.article, parent=root)
    by_rosa = say(cast.rosa, cast.article, parent=top)
    below = say(cast.quill, cast.article, parent=by_rosa)
    by_tom = say(cast.tom, cast.article, parent=top)
    target = say(cast.rosa, other)
    move(cast.quill, top, other, target)
    assert in_order(other.id) == [target, top, by_tom, by_rosa, below]
    sound(cast.article, other)


def test_frames_gain_and_lose_their_place_with_the_last_reply(cast, other):
    top = say(cast.tom, cast.article)
    gone = say(cast.rosa, cast.article, parent=top)
    kept = say(cast.tom, cast.article, parent=gone)
    put(gone, "hidden")
    made = move(cast.quill, kept, other)
    assert (cast.article.comment_count, row(top).reply_count, other.comment_count) == (1, 0, 1)
    moving.undo_move(cast.quill, made.id)
    db.commit()
    assert (cast.article.comment_count, row(top).reply_count, other.comment_count) == (3, 1, 0)
    assert (row(kept).parent_id, row(kept).article_id) == (gone, cast.article.id)
    sound(cast.article, other)


def test_closures_of_the_branch_come_along_and_those_above_stay(cast, other):
    ids = exchange(cast)
    above = closing.close_branch(cast.quill, ids[1], Ending(words="Above."))
    at = closing.close_branch(cast.quill, ids[4], Ending(words="From above, said below.", start_id=ids[0]))
    inside = closing.close_branch(cast.quill, ids[3], Ending(words="Inside."))
    two = closing.close_branch(cast.quill, ids[4], Ending(people="two"))
    db.commit()
    numbers = [one.id for one in (above, at, inside, two)]
    move(cast.quill, ids[2], other)
    where = [db.session.get_one(Closure, id) for id in numbers]
    assert [one.article_id for one in where] == [cast.article.id, cast.article.id, other.id, other.id]
    assert where[1].at_id == ids[0]
    assert [row(id).closure_count for id in ids] == [1, 2, 0, 1, 1, 1]
    root = say(cast.rosa, other)
    closing.close_branch(cast.quill, root, Ending(words="No more."))
    db.commit()
    with pytest.raises(Conflict):
        move(cast.quill, ids[2], other, root)
    db.rollback()
    sound(cast.article, other)


def test_cases_reports_and_notices_follow(cast, other):
    top = say(cast.tom, cast.article)
    reply = say(cast.rosa, cast.article, parent=top)
    moderation.flag(cast.ida, reply, "abuse")
    db.commit()
    move(cast.quill, top, other)
    assert db.session.scalars(select(Case.article_id).where(Case.kind == "comment")).all() == [other.id]
    moderation.decide(cast.quill, reply, "spam")
    db.commit()
    told = select(Notice.article_id).where(Notice.comment_id == reply, Notice.kind == "spam")
    assert db.session.scalars(told).all() == [other.id]
    move(cast.quill, top, cast.article)
    assert db.session.scalars(select(Case.article_id).where(Case.kind == "comment")).all() == [cast.article.id]
    assert set(db.session.scalars(told)) == {cast.article.id}
    sound(cast.article, other)


def test_every_move_is_logged_and_the_original_parent_kept(cast, other):
    ids = exchange(cast)
    move(cast.quill, ids[3], other, reason="About  the ferry.")
    move(cast.quill, ids[3], cast.article, ids[0])
    kept = db.session.execute(
        select(Move.from_article_id, Move.from_parent_id, Move.to_parent_id, Move.reason).order_by(Move.id)
    ).all()
    assert kept == [(cast.article.id, ids[2], None, "About the ferry."), (other.id, None, ids[0], "")]
    logged = db.session.scalars(select(Entry).where(Entry.act == "comment.move").order_by(Entry.id)).all()
    assert [(one.article_id, one.comment_id) for one in logged] == [(cast.article.id, ids[3]), (other.id, ids[3])]
    assert logged[0].details["from_parent_id"] == ids[2]


WHO = [("quill", True), ("ada", True), ("ida", True), ("otto", False), ("tom", False), ("sven", False), ("nele", False)]


@pytest.mark.parametrize(("name", "may"), WHO)
def test_moderators_move_everything_and_authors_between_their_own(cast, other, name, may):
    top = say(cast.tom, cast.article)
    if may:
        move(getattr(cast, name), top, other)
        assert row(top).article_id == other.id
    else:
        with pytest.raises(Forbidden):
            move(getattr(cast, name), top, other)
        db.rollback()
        assert row(top).article_id == cast.article.id


def test_an_author_moves_nothing_into_what_another_wrote(cast):
    top = say(cast.tom, cast.article)
    with pytest.raises(Forbidden):
        move(cast.ida, top, factories.article(cast.otto))
    with pytest.raises(Forbidden):
        moving.move(cast.otto, top, factories.article(cast.otto).id)


def refusals(cast: Any, ids: list[int], other: Article) -> dict[str, tuple[Any, ...]]:
    """Return for each place that is refused its article, comment and error."""
    gone, held = say(cast.tom, other), say(cast.tom, other)
    put(gone, "hidden")
    put(held, "held")
    draft = factories.article(cast.otto, status="draft", published_at=None)
    closed = factories.article(cast.ida)
    closing.close_article(cast.quill, closed.id, Ending())
    db.commit()
    return {
        "below itself": (cast.article, ids[3], Conflict),
        "itself": (cast.article, ids[1], Conflict),
        "where it stands": (cast.article, ids[0], Conflict),
        "gone": (other, gone, Conflict),
        "held": (other, held, Conflict),
        "another article's draft": (draft, None, Forbidden),
        "closed": (closed, None, Conflict),
        "another article": (other, ids[0], Conflict),
        "no such comment": (other, 10**9, NotFound),
    }


def test_places_that_are_refused(cast, other):
    ids = exchange(cast)
    before = in_order(cast.article.id)
    for name, (article, parent, error) in refusals(cast, ids, other).items():
        with pytest.raises(error):
            move(cast.quill, ids[1], article, parent)
        db.rollback()
        assert in_order(cast.article.id) == before, name
    sound(cast.article, other)


def test_an_undo_is_the_movers_for_ten_minutes_and_only_where_the_place_is_there(cast, other):
    ids = exchange(cast)
    made = move(cast.quill, ids[3], other).id
    with pytest.raises(Forbidden):
        moving.undo_move(cast.ada, made)
    db.rollback()
    move(cast.quill, ids[2], other, ids[5])  # what it answered stands below it now
    with pytest.raises(Conflict):
        moving.undo_move(cast.quill, made)
    db.rollback()
    again = move(cast.quill, ids[3], cast.article).id
    with pytest.raises(Conflict, match="again since"):
        moving.undo_move(cast.quill, made)
    db.rollback()
    moving.undo_move(cast.quill, again)
    db.commit()
    with pytest.raises(Conflict, match="moved-back"):
        moving.undo_move(cast.quill, again)
    db.rollback()
    late = move(cast.quill, say(cast.tom, cast.article), other).id
    db.lock()
    db.session.execute(update(Move).where(Move.id == late).values(created_at=now() - timedelta(minutes=11)))
    db.commit()
    with pytest.raises(Forbidden, match="undo-move-over"):
        moving.undo_move(cast.quill, late)
    db.rollback()
    assert row(ids[3]).article_id == other.id
    sound(cast.article, other)


def test_a_form_sent_again_after_a_move_makes_no_second_comment(cast, other):
    top = say(cast.tom, cast.article)
    first = writing.post(cast.rosa, cast.article.id, "Once.", parent_id=top, key="k")
    db.commit()
    move(cast.quill, top, other)
    second = writing.post(cast.rosa, cast.article.id, "Once.", parent_id=top, key="k")
    db.commit()
    assert (first.id, second.is_new) == (second.id, False)
    third = writing.post(cast.rosa, cast.article.id, "Twice.", parent_id=top, key="l")
    db.commit()
    assert row(third.id).article_id == other.id
    sound(cast.article, other)


def test_it_takes_as_many_statements_for_thousands_as_for_two(cast, other):
    people = [cast.tom, cast.ida, cast.rosa]
    small, target = pour(cast.article, people, [None, 0, 1, 1]), say(cast.rosa, other)
    with counted() as few:
        move(cast.quill, small[1], other, target)
    big = pour(cast.article, people, [None, 0, *(n // 3 for n in range(3, 3001))])
    with counted() as many:
        move(cast.quill, big[1], other, target)
    assert len(many) == len(few)
    sound(cast.article, other)


class Moving(Discussion):
    """Let people also move whatever they like between two articles; all other acts are now under one, now the other."""

    def __init__(self) -> None:
        super().__init__()
        self.other = factories.article(self.cast.ida)

    @rule()
    def swap(self) -> None:
        self.article, self.other = self.other, self.article

    @rule(at=st.integers(0, 30), under=st.integers(0, 30), here=st.booleans(), alone=st.booleans(), back=st.booleans())
    def move(self, at: int, under: int, here: bool, alone: bool, back: bool) -> None:
        comment, target = self.pick(at), self.article if here else self.other
        query = select(Comment.id).where(Comment.article_id == target.id).order_by(Comment.id)
        there = list(db.session.scalars(query))
        parent = there[under % len(there)] if there and not alone else None
        with self.attempt():
            made = moving.move(self.cast.quill, comment, target.id, parent).id
            db.commit()
            if back:
                moving.undo_move(self.cast.quill, made)

    def state(self) -> tuple[Any, ...]:
        found = super().state()
        assert consistency.differences(self.other.id) == ([], [])
        return found


@pytest.mark.parametrize("step", [2**32, 3])
def test_whatever_is_moved_everything_derived_stays_right(cast, monkeypatch, step):
    monkeypatch.setattr(labels, "STEP", step)

    drive(Moving, cast, 40)
