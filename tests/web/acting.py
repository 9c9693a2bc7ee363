"""What tests of kept pages do between two looks at a page."""

from __future__ import annotations

from forum import db
from forum.comments.writing import actions as comments
from forum.people.queries import viewer_of
from tests.cast import Cast


def page_of(cast: Cast) -> str:
    return f"/articles/{cast.article.slug}"


def act(cast: Cast, name: str, function, *arguments, **options):
    """Let one of the cast do something, and commit."""
    made = function(viewer_of(getattr(cast, name).id), *arguments, **options)
    db.commit()
    return made


def say(cast: Cast, name: str, body: str, parent: int | None = None) -> int:
    return act(cast, name, comments.post, cast.article.id, body, parent_id=parent).id
