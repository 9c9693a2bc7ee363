"""A chain of 10,000 replies, and 10,000 replies to one comment: all works, at the price of ten (bar 38)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select, text

from forum import db
from forum.closures.models import Closure
from forum.comments.models import Comment
from tests import factories
from tests.comments.talk import counted, pour, put, row, shallow

pytestmark = pytest.mark.both_kinds

BIG, SMALL = 10_001, 13  # both with an odd middle, so that the same of the two people wrote it
SHAPES: dict[str, Callable[[int], list[int | None]]] = {
    "chain": lambda size: [None, *range(size)],
    "bush": lambda size: [None] + [0] * size,
}


class Talk:
    """An article with one thread of a size and shape."""

    def __init__(self, cast: Any, shape: str, size: int) -> None:
        self.article = factories.article(cast.ida)
        self.ids = pour(self.article, [cast.tom, cast.ida], SHAPES[shape](size))
        self.middle = self.ids[len(self.ids) // 2]
        self.tom, self.ida, self.nobody = cast.browser(cast.tom), cast.browser(cast.ida), cast.browser()

    def acts(self) -> dict[str, Callable[[], Any]]:
        """Return everything that is asked of a long thread, by name, in an order in which it can be done."""
        last, middle, root, slug = self.ids[-1], self.middle, self.ids[0], self.article.slug
        mine = next(id for id in (middle, middle + 1) if row(id).author_id == self.tom_id())
        return {
            "article": lambda: self.nobody.get(f"/articles/{slug}"),
            "newest": lambda: self.nobody.get(f"/articles/{slug}?order=newest"),
            "permalink": lambda: self.nobody.get(f"/comments/{last}"),
            "branch": lambda: self.nobody.get(f"/comments/{root}/branch"),
            "branch from the middle": lambda: self.nobody.get(f"/comments/{root}/branch?from={middle}"),
            "for moderators": lambda: self.ida.get(f"/comments/{root}/branch?from={middle}"),
            "menu": lambda: self.tom.get(f"/comments/{middle}/more"),
            "the box": lambda: self.tom.get(f"/comments/{middle}/reply"),
            "reply": lambda: self.tom.post(f"/comments/{middle}/reply", body="In the middle."),
            "reply at the end": lambda: self.tom.post(f"/comments/{last}/reply", body="At the end."),
            "reply at the top": lambda: self.tom.post(f"/comments/{root}/reply", body="At the top."),
            "edit": lambda: self.tom.post(f"/comments/{self.newest()}/edit", body="Better."),
            "the closing form": lambda: self.ida.get(f"/comments/{middle}/close"),
            "close": lambda: self.ida.post(f"/comments/{middle}/close", words="Enough.", people="all"),
            "refused": lambda: self.tom.post(f"/comments/{middle}/reply", body="Too late?"),
            "reopen": lambda: self.ida.post(f"/closures/{self.closure()}/reopen", reason=""),
            "close for two": lambda: self.ida.post(f"/comments/{last}/close", words="Enough.", people="two"),
            "withdraw": lambda: self.tom.post(f"/comments/{mine}/withdraw"),
            "bring back": lambda: self.tom.post(f"/comments/{mine}/withdraw/undo"),
        }

    def tom_id(self) -> int | None:
        return row(self.ids[0]).author_id

    def newest(self) -> int:
        return db.session.scalars(select(Comment.id).order_by(Comment.id.desc()).limit(1)).one()

    def closure(self) -> int:
        return db.session.scalars(select(Closure.id).order_by(Closure.id.desc()).limit(1)).one()


def prices(talk: Talk) -> dict[str, tuple[int, int]]:
    """Do everything; return the status of each answer and the number of statements it took."""
    found: dict[str, tuple[int, int]] = {}
    for name, act in talk.acts().items():
        with counted() as sent, shallow():
            answer = act()
        found[name] = (answer.status_code, len(sent))
    return found


@pytest.mark.parametrize("shape", SHAPES)
def test_ten_thousand_cost_as_many_statements_as_ten(cast, shape):
    small, big = prices(Talk(cast, shape, SMALL)), prices(Talk(cast, shape, BIG))
    assert {status for status, _ in big.values()} <= {200, 303, 409}, big
    assert big["refused"][0] == 409
    assert {name: status for name, (status, _) in big.items()} == {name: status for name, (status, _) in small.items()}
    # Fewer for a permalink that leads to a branch: then nobody has to know which page of the article it would be on.
    dearer = {name: (sent, small[name][1]) for name, (_, sent) in big.items() if sent > small[name][1]}
    assert not dearer
    assert max(sent for _, sent in big.values()) < 40


@pytest.mark.parametrize("shape", SHAPES)
def test_a_permalink_leads_to_a_page_that_shows_it(cast, shape):
    talk = Talk(cast, shape, 1000)
    for id in (talk.ids[99], talk.ids[100], talk.middle, talk.ids[-1]):
        page = talk.nobody.get(talk.nobody.get(f"/comments/{id}").location)
        assert f'id="c-{id}"' in page.text


def test_a_long_line_of_frames_falls_with_its_last_reply_in_few_statements(cast):
    talk = Talk(cast, "chain", 2000)
    last = talk.ids[-1]
    for id in talk.ids[-400:-1]:
        put(id, "hidden")
    assert row(talk.ids[-400]).reply_count == 1
    mine = talk.tom if row(last).author_id == talk.tom_id() else talk.ida
    with counted() as sent, shallow():
        assert mine.post(f"/comments/{last}/withdraw").status_code == 303
    assert len(sent) < 40
    assert [row(id).reply_count for id in (talk.ids[-401], talk.ids[-400], talk.ids[-2])] == [0, 0, 0]
    assert row(talk.ids[0]).thread_size == 2001 - 400


def plan(statement: str, parameters: Any) -> list[str]:
    """Return how SQLite would run a statement."""
    with db.engine().connect() as connection:
        return [str(step) for *_, step in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # its planner is the one that went wrong
def test_a_thread_is_read_along_its_index(cast):
    talk = Talk(cast, "bush", 2000)
    other = factories.article(cast.otto)
    many = pour(other, [cast.rosa], [None] * 300)
    db.lock()
    db.session.execute(text("ANALYZE"))
    db.commit()
    db.engine().dispose()
    from sqlalchemy import event

    seen: list[tuple[str, Any]] = []
    note = lambda c, cursor, statement, parameters, *rest: seen.append((statement, parameters))  # noqa: E731
    event.listen(db.engine(), "before_cursor_execute", note)
    try:
        talk.nobody.get(f"/articles/{talk.article.slug}")
        talk.nobody.get(f"/comments/{talk.ids[0]}/branch?from={talk.middle}")
        talk.nobody.get(f"/articles/{other.slug}?from={many[150]}")
        talk.tom.get(f"/articles/{other.slug}")
    finally:
        event.remove(db.engine(), "before_cursor_execute", note)
    reading = [
        (statement, parameters)
        for statement, parameters in seen
        if "comments.html" in statement and "root_id" in statement and "'held'" not in statement
    ]
    assert len(reading) >= 2
    waiting = [item for item in seen if "status = 'held'" in item[0]]
    assert waiting
    steps = [step for statement, parameters in waiting for step in plan(statement, parameters)]
    assert [step for step in steps if "ix_comments_held" in step], steps
    rivals = [step for step in steps if "article_tags" not in step]  # the tags of each article that waits
    assert not [step for step in rivals if "ix_comments_author" in step or "article_id=?" in step], steps
    turning = [(statement, parameters) for statement, parameters in seen if "thread_number" in statement]
    assert len(turning) >= 3
    for statement, parameters in turning:
        steps = plan(statement, parameters)
        assert len([step for step in steps if "ix_comments_threads (article_id=?" in step]) == 1, steps
        assert not [step for step in steps if "TEMP B-TREE" in step], steps
    for statement, parameters in reading:
        steps = plan(statement, parameters)
        assert not [step for step in steps if "TEMP B-TREE" in step], steps
        assert not [step for step in steps if step.startswith("SCAN comments")], steps
