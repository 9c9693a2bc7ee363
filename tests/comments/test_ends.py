"""Where a branch ends, and which closures a comment stands in: found by place, and the same as by walking."""

from __future__ import annotations

import random

import pytest
from sqlalchemy import func, select

from forum import db
from forum.closures import queries as closures
from forum.comments import ancestry, labels, verdicts
from forum.comments.ending import actions as closing
from forum.comments.ending.request import Ending
from forum.comments.models import Comment
from tests import factories
from tests.comments.talk import counted, pour, row, say

SHAPES = {
    "chain": lambda dice, number: number - 1,
    "bush": lambda dice, number: 0,
    "comb": lambda dice, number: number - 2 if number % 2 == 0 else number - 1,
    "long lines": lambda dice, number: number - 1 if dice.random() < 0.97 else dice.randrange(number),
    "any": lambda dice, number: dice.randrange(number),
}


def last_below(rows: dict[int, Comment], comment_id: int) -> int:
    """Return the label of the last row of a branch, by who answers whom alone."""
    branch = {comment_id}
    for id in sorted(rows):  # a reply has a higher id than what it answers
        if rows[id].parent_id in branch:
            branch.add(id)
    return max(rows[id].pos for id in branch)


@pytest.mark.parametrize("shape", SHAPES)
def test_a_branch_ends_with_its_last_row_whichever_way_it_is_found(cast, shape):
    dice, article = random.Random(4), factories.article(cast.ida)
    pour(factories.article(cast.ida), [cast.tom], [None, 0, 1])  # another article's rows must not matter
    parents = [
        None,
        *(max(0, SHAPES[shape](dice, number)) for number in range(1, labels.SHORT * 8)),
    ]  # long enough for both ways
    ids = pour(article, [cast.tom, cast.ida], parents)
    rows = {found.id: found for found in db.session.scalars(select(Comment).where(Comment.article_id == article.id))}
    for id in ids:
        with counted() as sent:
            assert labels.end_of_branch(rows[id]) == last_below(rows, id), id
        assert len(sent) == 1


def test_a_second_answer_anywhere_in_an_exchange_stands_last_in_its_branch(cast):
    article = factories.article(cast.ida)
    ids = pour(article, [cast.tom, cast.ida], [None, *range(300)])
    for number in (1, 150, 299, 3):
        id = ids[number]
        made = say(cast.tom if number % 2 else cast.ida, article, parent=id)
        deeper = select(func.max(Comment.pos)).where(Comment.article_id == article.id, Comment.id != made)
        below = db.session.scalar(deeper.where(Comment.depth > row(id).depth, Comment.pos < row(made).pos))
        following = select(Comment).where(Comment.article_id == article.id, Comment.pos > row(made).pos)
        after = db.session.scalars(following.order_by(Comment.pos).limit(1)).first()
        assert below is not None
        assert after is None or after.depth <= row(id).depth


def test_a_remark_anywhere_in_an_exchange_stands_directly_below_what_it_answers(cast):
    article = factories.article(cast.ida)
    ids = pour(article, [cast.tom, cast.ida], [None, *range(300)])
    for id in (ids[1], ids[150], ids[-2], ids[3]):
        remarks = [say(cast.rosa, article, parent=id) for _ in range(3)]
        below = select(Comment.id).where(Comment.article_id == article.id, Comment.pos > row(id).pos)
        assert list(db.session.scalars(below.order_by(Comment.pos).limit(3))) == remarks


def test_the_closures_a_comment_stands_in_are_those_above_it(cast):
    dice, article = random.Random(9), factories.article(cast.ida)
    parents = [None, *(dice.randrange(max(0, number - 8), number) for number in range(1, 120))]
    ids = pour(article, [cast.tom, cast.ida, cast.rosa], parents)
    number = article.id
    for id in dice.sample(ids, 12):
        closing.close_branch(cast.quill, id, Ending(words="Enough."))
        db.commit()
    shut = [closure.branch_id for closure in closures.concerning(number) if closure.branch_id]
    ambiguous = 0
    for id in ids:
        comment = row(id)
        covers = {closure.branch_id for closure in verdicts.covering(number, comment, None)}
        assert covers == ancestry.among_ancestors(id, shut)
        ambiguous += bool(covers) and ancestry.before(comment, shut) != covers
    assert len(shut) == 12
    assert ambiguous  # both ways were gone


def test_what_covers_a_reply_is_known_without_walking_up(cast):
    article = factories.article(cast.ida)
    ids = pour(article, [cast.tom, cast.ida], [None, *range(400)])
    closing.close_branch(cast.quill, ids[2], Ending(words="Enough."))
    db.commit()
    comment = row(ids[-1])
    with counted() as sent:
        assert len(verdicts.covering(article.id, comment, None)) == 1
    assert not [statement for statement in sent if "RECURSIVE" in statement]
