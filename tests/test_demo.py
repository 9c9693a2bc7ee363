"""The demo: what is in it, and where it refuses to go."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import uuid
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from forum import config, create_app, db
from forum.articles.models import Article
from forum.cli.demo import SIGN_INS
from forum.clock import now
from forum.closures.models import Closure
from forum.comments import recount
from forum.comments.models import Comment, Revision
from forum.comments.writing import actions as comments
from forum.db import session
from forum.demo import events, script
from forum.demo.fill import fill
from forum.demo.people import PEOPLE
from forum.errors import Conflict, Invalid
from forum.ledger import queries as ledger
from forum.ledger.models import Entry
from forum.moderation import consistency
from forum.moderation.models import Decision
from forum.moderation.queries import queue
from forum.notifications.models import Notice
from forum.people.actions import authenticate
from forum.people.models import Person
from forum.people.names import check_display_name, check_username
from forum.people.passwords import DEMO_PASSWORD
from forum.people.queries import Viewer, viewer_of
from forum.site.models import Site
from forum.site.queries import rules
from forum.text.words import plain
from tests import factories
from tests.cast import Cast
from tests.kinds import KINDS

CLOCK = "The ferry-house clock is going to be right"


@pytest.fixture(scope="module", params=KINDS)
def filled(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, settings: config.Settings
) -> Iterator[Flask]:
    """A site filled with the demo, once for all tests that only read."""
    instance = tmp_path_factory.mktemp("demo")
    if request.param == "sqlite":
        path = instance / "forum.sqlite3"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        address = f"sqlite:///{path}"
    else:
        cluster, name = request.getfixturevalue("cluster"), f"demo_{uuid.uuid4().hex[:12]}"
        cluster.create(name, request.getfixturevalue("postgres_template"))
        address = cluster.url(name)
    made = create_app(replace(settings, instance=instance, database_url=address))
    with made.app_context():
        assert fill()
        db.commit()
        db.session.remove()
    yield made
    with made.app_context():
        db.engine().dispose()


@pytest.fixture
def demo(filled: Flask) -> Iterator[Flask]:
    """The demo, inside its app's context; whatever a test writes is undone."""
    with filled.app_context():
        yield filled
        db.session.remove()


@pytest.fixture
def demo_of_its_own(app: Flask) -> Flask:
    """A demo for a test that changes it."""
    assert fill()
    db.commit()
    return app


def clock() -> list[Comment]:
    """Return the comments under the article about the clock, in reading order."""
    query = select(Comment).join(Article, Article.id == Comment.article_id).where(Article.title == CLOCK)
    return list(session.scalars(query.order_by(Comment.root_id, Comment.pos)))


def person(username: str) -> Viewer:
    """Return somebody of the demo as an actor."""
    found = viewer_of(session.scalars(select(Person.id).where(Person.username == username)).one())
    assert found
    return found


def ending() -> Closure:
    """Return the demo's one closure."""
    return session.scalars(select(Closure)).one()


def test_two_authors_wrote_six_articles_one_of_them_quoted(demo: Flask) -> None:
    articles = session.scalars(select(Article)).all()
    assert len(articles) == 6
    assert len({article.author_id for article in articles}) == 2
    assert [article.source_name for article in articles if article.source_url] == ["The Saltmarsh Courier"]
    assert sorted(article.comment_count for article in articles) == [0, 3, 6, 7, 12, 28]


def test_articles_have_a_page_of_text() -> None:
    assert all(150 <= len(piece.body.split()) <= 500 for piece in script.pieces())


def test_the_exchange_has_28_comments_twelve_levels_deep(demo: Flask) -> None:
    rows = clock()
    assert len(rows) == 28
    assert max(row.depth for row in rows) == 12
    assert {row.status for row in rows} == {"published"}


def test_two_people_answer_each_other_all_the_way_down(demo: Flask) -> None:
    by_id = {row.id: row for row in clock()}
    row, writers = next(row for row in by_id.values() if row.depth == 12), []
    while row.depth:
        writers.append(row.author_id)
        row = by_id[row.parent_id or 0]
    assert writers == [person("mina").id, person("bertram").id] * 6


def test_late_remarks_stand_before_the_answer_that_keeps_the_column(demo: Flask) -> None:
    names = {person(name).id: name for name in ("mina", "bertram", "maud", "hal")}
    rows = clock()
    remark = next(number for number, row in enumerate(rows) if names.get(row.author_id or 0) == "maud")
    assert [names.get(row.author_id or 0) for row in rows[remark - 1 : remark + 4]] == [
        *("mina", "maud", "bertram", "hal", "mina"),
    ]
    assert rows[remark].created_at > rows[remark + 1].created_at


def test_the_ended_branch_refuses_and_repeats_the_closing_words(demo: Flask) -> None:
    last = ending().at_id
    with pytest.raises(Conflict) as refused:
        comments.post(person("bertram"), ending().article_id, "The cover turned up.", parent_id=last)
    assert refused.value.words == events.ENDING.words
    db.rollback()


def test_the_same_two_go_on_in_the_branch_beside_it(demo: Flask) -> None:
    first = session.get_one(Comment, ending().branch_id)
    rows = [row for row in clock() if row.parent_id == first.parent_id]
    assert [row.closure_count for row in rows] == [1, 0]
    assert {row.author_id for row in rows} == {person("bertram").id}
    last = next(row for row in clock() if row.depth == 10 and row.closure_count == 0)
    posted = comments.post(
        person("bertram"), last.article_id, "Front gate, then. I take two sugars.", parent_id=last.id
    )
    assert session.get_one(Comment, posted.id).depth == 11
    db.rollback()


def test_the_queue_has_two_reported_comments_and_one_waiting(demo: Flask) -> None:
    moderator = person("fenwick")
    assert queue.tabs(moderator) == {"reported": 2, "waiting": 1, "objections": 0, "exchanges": 0, "notices": 0}
    assert len(queue.page(moderator, queue.Filters(tab="decided")).rows) == 1
    reported = queue.page(moderator, queue.Filters()).rows
    assert sorted(sum(number for _, number in case.reasons) for case in reported) == [1, 2]
    assert consistency.differences() == (3, [])


def test_what_was_removed_or_deleted_keeps_its_place_above_a_reply(demo: Flask) -> None:
    gone = session.scalars(select(Comment).where(Comment.status.in_(("hidden", "withdrawn")))).all()
    assert sorted(row.status for row in gone) == ["hidden", "withdrawn"]
    assert all(row.reply_count == 1 for row in gone)
    assert all(row.withdrawn_at for row in gone if row.status == "withdrawn")


def test_the_removal_cites_a_rule_of_this_site(demo: Flask) -> None:
    assert events.RULE in [f"{rule.number}. {rule.text}" for rule in rules()]
    assert session.scalars(select(Comment.rule).where(Comment.status == "hidden")).one() == events.RULE


def test_an_edited_comment_keeps_what_stood_there(demo: Flask) -> None:
    earlier = session.scalars(select(Revision)).one()
    edited = session.get_one(Comment, earlier.comment_id)
    assert edited.edited_at == earlier.replaced_at
    assert plain(edited.html) != earlier.source


def test_a_person_whose_comment_was_removed_finds_a_notice(demo: Flask) -> None:
    notice = session.scalars(select(Notice).where(Notice.person_id == person("tobias").id, Notice.key.is_(None))).one()
    assert (notice.kind, notice.seen_at, notice.details["rule"]) == ("removed", None, events.RULE)
    decision = session.scalars(select(Decision).where(Decision.comment_id == notice.comment_id)).one()
    assert notice.details["cause"] == f"decision:{decision.id}"  # without it nobody can object


def test_everybody_who_wrote_in_the_ended_branch_was_told(demo: Flask) -> None:
    told = session.scalars(select(Notice).where(Notice.kind == "closed")).all()
    assert [notice.person_id for notice in told] == [person("bertram").id]
    assert told[0].created_at == ending().created_at
    assert told[0].details["words"] == events.ENDING.words


def test_everything_has_happened_and_in_order(demo: Flask) -> None:
    parents = {row.id: row.created_at for row in session.scalars(select(Comment).order_by(Comment.id))}
    replies = session.scalars(select(Comment).where(Comment.parent_id.is_not(None)))
    assert all(parents[row.parent_id or 0] < row.created_at for row in replies)
    assert max(parents.values()) <= now()
    assert list(parents.values()) == sorted(parents.values())


def test_nobody_wrote_before_they_joined(demo: Flask) -> None:
    joined = {row.id: row.created_at for row in session.scalars(select(Person))}
    written = session.execute(select(Comment.author_id, Comment.created_at).where(Comment.author_id.is_not(None)))
    assert all(joined[row.author_id or 0] <= row.created_at for row in written)


def test_the_log_tells_it_in_order_and_holds(demo: Flask) -> None:
    times = session.scalars(select(Entry.at).order_by(Entry.id)).all()
    assert times == sorted(times)
    assert ledger.first_broken() is None
    assert [act.rule for act in ledger.acts("comment.hide")] == [events.RULE]


def test_working_everything_out_again_changes_nothing(demo: Flask) -> None:
    query = select(Comment.id, Comment.pos, Comment.depth, Comment.reply_count, Comment.closure_count)
    before = session.execute(query.order_by(Comment.id)).all()
    db.lock(*session.scalars(select(Article.id)))
    for article_id in session.scalars(select(Article.id)).all():
        recount.rebuild(article_id)
    assert session.execute(query.order_by(Comment.id)).all() == before
    db.rollback()


def test_its_names_are_such_as_one_can_sign_up_with() -> None:
    assert [check_username(resident.username) for resident in PEOPLE] == [resident.username for resident in PEOPLE]
    assert [check_display_name(resident.name) for resident in PEOPLE] == [resident.name for resident in PEOPLE]


def test_everybody_it_offers_can_sign_in(demo: Flask) -> None:
    for username, _ in SIGN_INS:
        assert authenticate(username, DEMO_PASSWORD).username == username


def test_its_password_opens_no_other_site(demo_of_its_own: Flask) -> None:
    db.lock()
    session.get_one(Site, 1).is_demo = False
    db.commit()
    with pytest.raises(Invalid):
        authenticate("odile", DEMO_PASSWORD)


def test_a_second_filling_adds_nothing(demo: Flask) -> None:
    before = session.scalar(select(func.count()).select_from(Comment))
    assert not fill()
    db.rollback()
    assert session.scalar(select(func.count()).select_from(Comment)) == before


def test_it_refuses_a_site_that_is_set_up(cast: Cast) -> None:
    with pytest.raises(Conflict):
        fill()
    db.rollback()


def test_it_refuses_a_database_with_an_article_in_it(app: Flask) -> None:
    factories.article(factories.person("Ida", "author"))
    with pytest.raises(Conflict):
        fill()
    db.rollback()


def command(**environment: str) -> tuple[int, str]:
    """Run `forum demo` in a process of its own; return its exit status and what it said on standard error."""
    run = [sys.executable, "-c", "from forum.cli import main; main()", "demo"]
    done = subprocess.run(run, env={**os.environ, **environment}, capture_output=True, text=True, timeout=120)
    assert done.stdout == ""
    return done.returncode, done.stderr


def test_the_command_migrates_and_fills_an_empty_database(tmp_path: Path) -> None:
    status, said = command(FORUM_INSTANCE=str(tmp_path / "new"))
    assert (status, DEMO_PASSWORD in said) == (0, True)
    status, said = command(FORUM_INSTANCE=str(tmp_path / "new"))
    assert (status, said) == (0, "The demo is there already.\n")


def test_the_command_fails_on_somebodys_own_site(cast: Cast, database: str, tmp_path: Path) -> None:
    status, said = command(FORUM_INSTANCE=str(tmp_path), FORUM_DATABASE_URL=database)
    assert (status, said) == (1, "Error: This database is in use already. The demo only goes into an empty one.\n")
