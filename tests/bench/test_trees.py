"""The benchmark's discussions have the shape that docs/performance.md tells of, and its readers see them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bench import costs, inprocess, site, trees
from bench.site import Planted
from forum import db
from forum.comments.models import Comment


def test_three_of_four_answer_one_of_the_fifty_before_them():
    found = list(trees.parents(20_000))
    answers = [(number, parent) for number, parent in enumerate(found) if parent is not None]
    assert 0.74 < len(answers) / len(found) < 0.76
    assert all(1 <= number - parent <= 50 for number, parent in answers)
    # Each of the fifty is as likely as the others.
    assert 24 < sum(number - parent for number, parent in answers) / len(answers) < 27


def test_the_same_tree_every_time():
    assert list(trees.parents(500)) == list(trees.parents(500))
    assert list(trees.parents(500)) != list(trees.parents(500, seed=2))


def test_a_chain_answers_the_last_comment():
    assert list(trees.parents(5, chain=True)) == [None, 0, 1, 2, 3]


def test_texts_are_of_the_length_told():
    lengths = [len(body) for body in trees.bodies()]
    assert 315 < sum(lengths) / len(lengths) < 335


@pytest.fixture
def planted(database: str, tmp_path: Path) -> Iterator[Planted]:
    """Yield a small site as the benchmark makes it."""
    made = site.plant(tmp_path, database, [60, 300], chain=120)
    yield made
    with made.app.app_context():
        db.session.remove()
        db.engine().dispose()


def test_what_is_planted_is_what_was_asked_for(planted: Planted):
    assert planted.trees == ["tree-60", "tree-300"]
    with planted.app.app_context():
        for slug, article_id in planted.articles.items():
            rows = db.session.query(Comment).filter_by(article_id=article_id).order_by(Comment.id).all()
            ids = [row.id for row in rows]
            assert len(rows) == site.size(slug)
            wanted = trees.parents(len(rows), chain=slug.startswith("chain"))
            assert [row.parent_id and ids.index(row.parent_id) for row in rows] == list(wanted)
            assert {row.author_id for row in rows} == set(planted.people)
            if slug.startswith("chain"):
                assert [row.depth for row in rows] == list(range(120))
                assert len({row.root_id for row in rows}) == 1


def test_a_reader_is_answered_and_a_writer_writes(planted: Planted):
    visitor = inprocess.Reader(planted.app, encoding="")
    member = inprocess.Reader(planted.app, planted.cookies[0], encoding="")
    path, article_id = "/articles/tree-60", planted.articles["tree-60"]
    assert b"Sign out" not in visitor.get(path)
    assert b"Sign out" in member.get(path)
    before = inprocess.newest(planted.app, article_id, 50)
    made = inprocess.Writer(planted.app, planted.people[1]).post(article_id, before[-1])
    assert inprocess.newest(planted.app, article_id, 50) == [*before[1:], made]
    assert f'id="c-{made}"'.encode() in visitor.get(path)
    with pytest.raises(SystemExit):
        visitor.get("/articles/no-such")


def test_statements_are_counted_on_every_connection(planted: Planted):
    visitor = inprocess.Reader(planted.app)
    writer = inprocess.Writer(planted.app, planted.people[0])
    article_id = planted.articles["tree-60"]
    kept = inprocess.count(planted.app, lambda: visitor.get("/articles/tree-60"))
    drawn = inprocess.count(
        planted.app, lambda: visitor.get("/articles/tree-60"), before=lambda: writer.touch(article_id)
    )
    assert kept <= 1 < drawn
    with inprocess.statements(planted.app) as told:
        writer.touch(article_id)
    assert sum(statement.startswith("UPDATE articles") for statement in told) == 1


def test_every_act_is_timed(planted: Planted, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(costs, "SAMPLES", 1)
    monkeypatch.setattr(costs, "OFTEN", 2)
    found = costs.by_size(planted)
    assert set(found) == set(planted.articles)
    assert all(row[name] > 0 for row in found.values() for name in ("kept", "member", "drawn", "permalink", "reply"))
    # A discussion of several pages asks once more: which of them this is.
    assert found["tree-60"]["drawn_sql"] == found["chain-120"]["drawn_sql"]
    assert found["tree-300"]["drawn_sql"] <= found["tree-60"]["drawn_sql"] + 1
    assert all(row["ms"] > 0 for row in costs.elsewhere(planted).values())
    assert all(row["ms"] > 0 for row in costs.around_a_write(planted, "tree-300").values())
