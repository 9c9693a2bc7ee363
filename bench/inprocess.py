"""What the forum itself spends, in one process without a server: time and statements of a page, a link, a reply."""

from __future__ import annotations

import io
import statistics
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import Context
from typing import Any

import psycopg
from flask import Flask
from sqlalchemy import event, select, update

from forum import db
from forum.articles.models import Article
from forum.comments.models import Comment
from forum.comments.writing import actions
from forum.people.queries import viewer_of

BODY = "A reply of no great weight, as long as people write them: the ferry was late again, and nobody said why. " * 3
_BOOKKEEPING = ("BEGIN", "COMMIT", "ROLLBACK", "PRAGMA", "--")


class Reader:
    """Ask an application for pages as a server would, without the server."""

    def __init__(self, app: Flask, cookie: str = "", encoding: str = "gzip") -> None:
        self._app = app
        self._environ: dict[str, Any] = {
            "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": "80",
            "HTTP_HOST": "127.0.0.1",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "127.0.0.1",
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.errors": io.StringIO(),
            "wsgi.multithread": True,
            "wsgi.multiprocess": True,
            "wsgi.run_once": False,
            "wsgi.input_terminated": True,
            "SCRIPT_NAME": "",
        }
        if encoding:
            self._environ["HTTP_ACCEPT_ENCODING"] = encoding
        if cookie:
            self._environ["HTTP_COOKIE"] = f"session={cookie}"

    def get(self, path: str) -> bytes:
        """Get a page; raises where it is neither 200 nor 303."""
        return Context().run(self._get, path)

    def _get(self, path: str) -> bytes:
        path, _, query = path.partition("?")
        environ = self._environ | {"REQUEST_METHOD": "GET", "PATH_INFO": path, "QUERY_STRING": query}
        environ["wsgi.input"] = io.BytesIO()
        told: list[str] = []

        def start_response(status: str, headers: Any, info: Any = None) -> Callable[[bytes], object]:
            told.append(status)
            return lambda data: None

        chunks: Any = self._app.wsgi_app(environ, start_response)
        try:
            body = b"".join(chunks)
        finally:
            if hasattr(chunks, "close"):
                chunks.close()
        if told[-1][:3] not in ("200", "303"):
            raise SystemExit(f"{path} was answered with {told[-1]}")
        return body


class Writer:
    """Write as one person, in this process."""

    def __init__(self, app: Flask, person_id: int) -> None:
        self._app, self._person_id = app, person_id

    def post(self, article_id: int, parent_id: int | None) -> int:
        """Post and commit, as the view does."""
        with self._app.app_context():
            actor = viewer_of(self._person_id)
            assert actor is not None
            made = actions.post(actor, article_id, BODY, parent_id=parent_id)
            made_id = made.id
            db.commit()
            return made_id

    def touch(self, article_id: int) -> None:
        """Write an article as it is: it gets a new version, and nothing kept of its pages may be used."""
        with self._app.app_context():
            db.lock(article_id)
            raised = update(Article).where(Article.id == article_id).values(comment_count=Article.comment_count)
            db.session.execute(raised, execution_options={"synchronize_session": False})
            db.commit()


def times(
    acts: Mapping[str, Callable[[], object]], count: int, before: Mapping[str, Callable[[], object]] | None = None
) -> dict[str, float]:
    """Return the median of each act in ms; the acts take turns, and `before` one is not counted."""
    taken: dict[str, list[float]] = {label: [] for label in acts}
    for number in range(count + 2):
        for label, act in acts.items():
            if before and label in before:
                before[label]()
            begun = time.perf_counter()
            act()
            if number > 1:  # the first two warm what a running server has warm
                taken[label].append((time.perf_counter() - begun) * 1000)
    return {label: statistics.median(values) for label, values in taken.items()}


def repeated(act: Callable[[], object], often: int) -> Callable[[], None]:
    """Return an act that does another often, for what is too short to be timed once."""

    def repeat() -> None:
        for _ in range(often):
            act()

    return repeat


@contextmanager
def statements(app: Flask) -> Iterator[list[str]]:
    """Collect the SQL of a block, on new connections, without what only begins or ends a transaction."""
    found: list[str] = []

    def note(statement: Any) -> None:
        told = str(statement).lstrip()
        # SQLite tells a statement again for each trigger that it sets off.
        if not told.upper().startswith(_BOOKKEEPING) and found[-1:] != [told]:
            found.append(told)

    class Noting(psycopg.Cursor[Any]):
        def execute(self, query: Any, *arguments: Any, **options: Any) -> Any:
            note(query)
            return super().execute(query, *arguments, **options)

    def listen(raw: Any, _: object) -> None:
        if isinstance(raw, psycopg.Connection):
            raw.cursor_factory = Noting
        else:
            raw.set_trace_callback(note)
            opened = raw.open_writer

            def open_writer() -> Any:
                made = opened()
                made.set_trace_callback(note)
                return made

            raw.open_writer = open_writer

    with app.app_context():
        engine = db.engine()
        engine.dispose()
    event.listen(engine, "connect", listen)
    try:
        yield found
    finally:
        event.remove(engine, "connect", listen)
        with app.app_context():
            db.session.remove()
            engine.dispose()


def count(app: Flask, act: Callable[[], object], before: Callable[[], object] = lambda: None) -> int:
    """Return how many statements an act needs once everything is warm, `before` it not counted."""
    with statements(app) as found:
        for _ in range(3):
            before()
            found.clear()
            act()
        return len(found)


def newest(app: Flask, article_id: int, most: int = 1) -> list[int]:
    """Return the newest comments of an article, the newest last."""
    with app.app_context():
        query = select(Comment.id).where(Comment.article_id == article_id).order_by(Comment.id.desc()).limit(most)
        return list(db.session.scalars(query))[::-1]
