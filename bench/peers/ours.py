"""The forum itself: `forum serve`, and the same server with everything on one page."""

from __future__ import annotations

import http.client
import re
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

from sqlalchemy import func

from bench import running, site
from bench.running import Running
from bench.site import Planted
from forum import db
from forum.comments.models import Comment


class Forum:
    """Know where each tree is, and how to show and to answer it."""

    def __init__(self, planted: Planted, paged: Running, whole: Running) -> None:
        self._planted, self._paged, self._whole = planted, paged, whole

    def address(self, size: int) -> str:
        """Return where the first page of a tree is read."""
        return self._paged.url(f"/articles/tree-{size}")

    def whole(self, size: int) -> str:
        """Return where all of a tree is read on one page."""
        return self._whole.url(f"/articles/tree-{size}")

    def poster(self, size: int) -> Callable[[int], None]:
        """Return what posts an answer to the last comment of a tree as somebody signed in, on one connection."""
        connection = http.client.HTTPConnection("127.0.0.1", self._paged.port, timeout=300)
        head = {
            "Cookie": f"session={self._planted.cookies[0]}",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        path = f"/comments/{self._last(size)}/reply"

        def post(number: int) -> None:
            body = f"A reply of no great weight, number {number}."
            form = {"csrf_token": self._planted.csrf[0], "key": secrets.token_urlsafe(18), "body": body}
            connection.request("POST", path, urlencode(form), head)
            answer = connection.getresponse()
            answer.read()
            if answer.status != 303:
                raise SystemExit(f"The forum did not take a comment: {answer.status}")

        return post

    def _last(self, size: int) -> int:
        article_id = self._planted.articles[f"tree-{size}"]
        with self._planted.app.app_context():
            return int(db.session.query(func.max(Comment.id)).filter_by(article_id=article_id).scalar())


def shown(body: bytes) -> int:
    """Count the comments of a page."""
    return len(set(re.findall(rb'id="c-(\d+)"', body)))


@contextmanager
def serving(folder: Path, sizes: list[int]) -> Iterator[Forum]:
    """Plant the trees on SQLite and serve them twice: in pages of 200, and whole."""
    instance = folder / "forum"
    instance.mkdir()
    planted = site.plant(instance, f"sqlite:///{instance}/forum.db", sizes, chain=0)
    with running.forum(planted) as paged, running.changed(planted, rows=str(10**9)) as whole:
        yield Forum(planted, paged, whole)
