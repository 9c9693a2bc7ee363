"""What a post costs, and eight people posting at once to a server with two processes: nothing lost, all in order."""

from __future__ import annotations

import http.client
import os
import random
import re
import signal
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from sqlalchemy import event, select

from forum import db
from forum.articles.models import Article
from forum.comments import recount
from forum.comments.models import Comment, Source
from forum.ledger.models import Entry
from forum.ledger.queries import first_broken
from tests import factories
from tests.comments.talk import counted, pour
from tests.comments.test_labels import expected, in_order
from tests.test_serve import FORUM, environment, free_port, wait_for

CLIENTS, POSTS = 8, 15


@contextmanager
def commits() -> Iterator[list[Any]]:
    """Collect the commits made meanwhile."""
    made: list[Any] = []

    def note(connection: Any) -> None:
        made.append(connection)

    event.listen(db.engine(), "commit", note)
    try:
        yield made
    finally:
        event.remove(db.engine(), "commit", note)


def shapes(sent: list[str]) -> list[str]:
    """Return what is done to which table, "INSERT INTO comments", in one statement or in many."""
    return [shape for statement in sent for shape in re.findall(r"INSERT INTO \w+|(?<!FOR )UPDATE \w+", statement)]


WRITTEN = [
    *("INSERT INTO comments", "INSERT INTO comment_sources", "UPDATE articles"),
    *("INSERT INTO ledger_entries", "INSERT INTO jobs", "INSERT INTO subscriptions"),
]
COUNTED = {"thread": [], "reply": ["UPDATE comments"]}  # a reply raises its parent's row


@pytest.mark.parametrize("kind", ["reply", "thread"])
def test_a_post_writes_every_row_once_and_costs_the_same_under_ten_thousand_comments(cast, kind):
    browser, costs = cast.browser(cast.rosa), []
    for size in (10, 10_000):
        article = factories.article(cast.ida)
        dice = random.Random(1)
        ids = pour(article, [cast.tom, cast.ida], [None, *(dice.randrange(number) for number in range(1, size))])
        url = f"/comments/{ids[size // 2]}/reply" if kind == "reply" else f"/articles/{article.slug}/comments"
        browser.post(url, body="The first of all, for what is made once.", key=f"first-{size}")
        with counted() as sent, commits() as made:
            assert browser.post(url, body="Something *said*.", key=f"key-{size}").status_code == 303
        assert sorted(shapes(sent)) == sorted(WRITTEN + COUNTED[kind])
        assert len(made) == 1
        costs.append(sorted(statement.split()[:3] for statement in sent))
    assert costs[0] == costs[1]
    assert len(costs[0]) <= 16


class Client(threading.Thread):
    """One person who posts as fast as they are let, on one connection, to threads and comments of everybody."""

    def __init__(self, port: int, browser: Any, slug: str, known: list[int], keys: list[str]) -> None:
        super().__init__()
        self.port, self.slug, self.known, self.keys = port, slug, known, keys
        self.headers = {"Cookie": f"session={browser.cookie}", "Content-Type": "application/x-www-form-urlencoded"}
        self.token, self.dice = browser.token, random.Random(keys[0])
        self.answers: list[tuple[int, str, str]] = []

    def run(self) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        for key in self.keys:
            begins = not self.known or self.dice.random() < 0.25
            place = f"articles/{self.slug}/comments" if begins else f"comments/{self.dice.choice(self.known)}/reply"
            form = urlencode({"csrf_token": self.token, "body": f"Said with *key* {key}.", "key": key})
            connection.request("POST", f"/{place}", form, self.headers)
            answer = connection.getresponse()
            self.answers.append((answer.status, answer.headers.get("Location") or "", answer.read().decode()))
            if answer.status == 303:
                self.known.append(int(self.answers[-1][1].rsplit("/", 1)[1]))
        connection.close()


@contextmanager
def serving(cast: Any, instance: Path) -> Iterator[int]:
    """Run `forum serve` with two processes on the test's own database."""
    port = free_port()
    url = db.engine().url.render_as_string(hide_password=False)
    settings = {"FORUM_DATABASE_URL": url.replace("+psycopg", ""), "FORUM_RATE_LIMITS": "off"}
    process = subprocess.Popen(
        [FORUM, "serve", "--port", str(port), "--workers", "2"],
        env={**environment(instance), **settings, "FORUM_SECRET_KEY": cast.app.secret_key, "PATH": os.environ["PATH"]},
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        wait_for(process, f"http://127.0.0.1:{port}/static/forum.css")
        yield port
    finally:
        process.send_signal(signal.SIGTERM)
        said = process.communicate(timeout=60)[1]
        assert "locked" not in said
        assert "Traceback" not in said


def test_eight_people_at_once_lose_nothing(cast, tmp_path):
    people = [factories.person() for _ in range(CLIENTS - 1)]
    browsers = [cast.browser(person) for person in people]
    article_id, slug = cast.article.id, cast.article.slug
    known: list[int] = []
    # The eighth client is the seventh person once more, sending the same forms: each of them is one comment.
    keys = [[f"{number}-{post}" for post in range(POSTS)] for number in range(CLIENTS - 1)]
    db.session.remove()
    with serving(cast, tmp_path) as port:
        clients = [Client(port, browser, slug, known, keys[number]) for number, browser in enumerate(browsers[:-1])]
        # These two answer what they themselves wrote, each by a list of their own, and so choose the same places.
        clients.extend(Client(port, browsers[-1], slug, [], keys[-1]) for _ in range(2))
        for client in clients:
            client.start()
        for client in clients:
            client.join(120)
    answers = [answer for client in clients for answer in client.answers]
    assert [answer for answer in answers if answer[0] != 303] == []
    assert len(answers) == CLIENTS * POSTS
    told = {int(location.rsplit("/", 1)[1]) for _, location, _ in answers}
    assert len(told) == (CLIENTS - 1) * POSTS
    assert told == set(db.session.scalars(select(Comment.id).where(Comment.article_id == article_id)))
    assert told == set(db.session.scalars(select(Source.comment_id)))
    entries = db.session.scalars(select(Entry.comment_id).where(Entry.act == "comment.post")).all()
    assert sorted(id for id in entries if id) == sorted(told)
    assert first_broken() is None
    assert in_order(article_id) == expected(article_id)
    assert counters(article_id) == counters(article_id, anew=True)
    numbers = db.session.scalars(select(Comment.thread_number).where(Comment.parent_id.is_(None))).all()
    assert sorted(number or 0 for number in numbers) == list(range(1, len(numbers) + 1))


def counters(article_id: int, *, anew: bool = False) -> tuple[Any, ...]:
    """Return everything that is counted, as it stands or worked out anew."""
    db.session.expire_all()
    if anew:
        db.lock(article_id)
        recount.rebuild(article_id)
        db.session.flush()
    rows = db.session.scalars(select(Comment).where(Comment.article_id == article_id).order_by(Comment.id))
    names = ("root_id", "depth", "reply_count", "closure_count", "thread_size")
    found = [tuple(getattr(row, name) for name in names) for row in rows]
    article = db.session.get_one(Article, article_id)
    state = (article.comment_count, article.thread_count, article.last_comment_at, found)
    db.rollback()
    return state
