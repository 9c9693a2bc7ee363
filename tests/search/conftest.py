"""What the tests of search begin with: a site on which the worker has looked at everything, and what a page finds."""

from __future__ import annotations

import re
from typing import Any

import pytest

from forum import db
from forum.clock import now
from forum.search.actions import index_some
from tests.cast import Cast


class Finder:
    """The worker that indexes, and a visitor who searches."""

    def __init__(self, cast: Cast) -> None:
        self.cast = cast

    def index(self) -> None:
        """Let the worker look at all that changed."""
        db.rollback()
        while index_some(now()):
            db.commit()
        db.commit()

    def page(self, q: str, person: Any = None, **narrowed: Any) -> str:
        """Return the page with what a question finds."""
        answer = self.cast.browser(person).get("/search", query_string={"q": q, **narrowed})
        assert answer.status_code == 200, answer.text
        return answer.text

    def comments(self, q: str, **narrowed: Any) -> list[int]:
        """Return the ids of the comments that a question finds, in their order."""
        return [int(id) for id in re.findall(r'result-where"><a href="/comments/(\d+)"', self.page(q, **narrowed))]

    def articles(self, q: str, **narrowed: Any) -> list[str]:
        """Return the slugs of the articles that a question finds."""
        return re.findall(r'result-where"><a href="/articles/([^"]+)"', self.page(q, **narrowed))


@pytest.fixture
def finder(cast: Cast) -> Finder:
    return Finder(cast)
