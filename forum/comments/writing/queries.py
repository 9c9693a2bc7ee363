"""Read what decides about a new comment and where it goes: one statement, inside the lock.

Five statements instead of one would make a post a fifth slower.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, String, bindparam, exists, func, or_, select, true
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from forum.articles.models import TAG_IDS, Article
from forum.clock import SENT_TWICE
from forum.closures.models import Closure
from forum.closures.queries import concerns, wide
from forum.comments.labels import GAP
from forum.comments.models import Comment
from forum.db import Id, session
from forum.errors import NotFound
from forum.policy import CommentStatus
from forum.site.models import SITE, Site

LATEST = 20  # of a writer's comments are compared with a new one: as many as anybody may post in ten minutes


@dataclass(frozen=True)
class Ground:
    """The article a comment is written under; satisfies `policy.DiscussedFacts`.

    `has_closures` tells whether there may be closures that reach it and its writer; mostly there are none to read.
    """

    id: int
    author_id: int
    status: str
    published_at: datetime | None
    thread_count: int
    closes_at: datetime | None
    tag_ids: frozenset[int]
    has_closures: bool


@dataclass(frozen=True)
class Answered:
    """The comment that is answered; satisfies `policy.CommentFacts`.

    The reply's label goes between `last` and `following`; that is None at the thread's end.
    """

    id: int
    article_id: int
    parent_id: int | None
    root_id: int
    pos: int
    depth: int
    status: str
    author_id: int | None
    reply_count: int
    closure_count: int
    created_at: datetime
    edited_at: datetime | None
    withdrawn_at: datetime | None
    last: int
    following: int | None


@dataclass(frozen=True)
class Rules:
    """The settings that rules about writing ask for; satisfies `policy.SiteFacts` and `screening.rules.Settings`."""

    who_may_comment: str
    edit_minutes: int
    public_history: bool
    hold_everything: bool
    hold_guests: bool
    hold_first: int
    hold_links: int
    hold_words: list[str]
    hold_spam: bool


@dataclass(frozen=True)
class Posted:
    """A comment that was posted; `is_new` is False where it was there already.

    `same_words` tells that it was, in those words by this writer, without the form's one-time key.
    """

    id: int
    article_id: int
    author_id: int | None
    status: str
    is_new: bool = False
    same_words: bool = False


@dataclass(frozen=True)
class Words:
    """A comment to be written, as far as it tells whether it was written already.

    `key` is None for a form without one; a guest is known by the name, which may be another's too.
    """

    html: str
    key: str | None
    author_id: int | None
    guest_name: str | None


@dataclass(frozen=True)
class Place:
    """Where a comment is to be written, and under which id.

    `made` is the one that the same form made before, or one of the same words; `moment` is when it is written.
    """

    ground: Ground
    rules: Rules
    answered: Answered | None
    made: Posted | None
    new_id: int
    moment: datetime


class _NextId(FunctionElement[int]):
    """The id of the next comment, which nobody else gets: known before the row is written, so that all goes at once.

    Read it inside `lock()`, and write the row with it.
    """

    inherit_cache = True  # else the statement would be written anew for each post
    name = "next_id"


@compiles(_NextId, "postgresql")
def _from_sequence(element: _NextId, compiler: SQLCompiler, **_: Any) -> str:
    return "nextval(pg_get_serial_sequence('comments', 'id'))"


@compiles(_NextId, "sqlite")
def _from_table(element: _NextId, compiler: SQLCompiler, **_: Any) -> str:
    return "(SELECT coalesce(max(seq), 0) + 1 FROM sqlite_sequence WHERE name = 'comments')"


_articles, _site, _closures = Article.__table__.c, Site.__table__.c, Closure.__table__.c
_comments = Comment.__table__.c
_parent, _made = Comment.__table__.alias("parent"), Comment.__table__.alias("made")
_OPEN = exists().where(_closures.article_id == _articles.id, _closures.reopened_at.is_(None)) | exists().where(
    wide(), concerns(bindparam("author", type_=Id))
)
_BESIDE: dict[str, ColumnElement[Any]] = {"has_closures": _OPEN, "tag_ids": TAG_IDS}
_GROUND = [_BESIDE[field.name] if field.name in _BESIDE else _articles[field.name] for field in fields(Ground)]
_RULES = [_site[field.name] for field in fields(Rules)]
_ANSWERED = [(_parent.c if field.name in _parent.c else GAP.c)[field.name] for field in fields(Answered)]
_MADE = [_made.c.id, _made.c.article_id, _made.c.author_id, _made.c.status]


def _statement(is_writer: ColumnElement[bool]) -> Select[Any]:
    """Return the statement for a member or for guests, whose comments have no author."""
    latest = (
        select(
            *(_comments.id, _comments.article_id, _comments.author_id, _comments.status),
            *(_comments.parent_id, _comments.guest_name, _comments.html, _comments.created_at),
        )
        .where(is_writer)
        .order_by(_comments.id.desc())
        .limit(LATEST)
        .subquery("latest")
    )
    same = (
        select(latest.c.id, latest.c.article_id, latest.c.author_id, latest.c.status)
        .where(
            latest.c.article_id == bindparam("article"),
            latest.c.parent_id.is_not_distinct_from(bindparam("parent", type_=Id)),
            latest.c.guest_name.is_not_distinct_from(bindparam("guest", type_=String)),
            latest.c.html == bindparam("html"),
            latest.c.created_at > bindparam("since"),
            # Not IN: SQLAlchemy would write the statement anew for each post.
            or_(latest.c.status == CommentStatus.PUBLISHED, latest.c.status == CommentStatus.HELD),
        )
        .order_by(latest.c.id)
        .limit(1)
        .subquery("same")
    )
    parts = (_GROUND, _RULES, _ANSWERED, _MADE, list(same.c))
    return (
        select(*(column for part in parts for column in part), _NextId())
        .select_from(Article.__table__)
        .join(Site.__table__, _site.id == SITE)
        .outerjoin(_parent, (_parent.c.id == bindparam("parent")) & (_parent.c.article_id == _articles.id))
        .outerjoin(GAP, true())
        .outerjoin(_made, _made.c.post_key == bindparam("key"))
        .outerjoin(same, true())
        .where(_articles.id == bindparam("article"))
    )


_LENGTHS = (len(_GROUND), len(_RULES), len(_ANSWERED), len(_MADE), len(_MADE))
_OF_MEMBER = _statement(_comments.author_id == bindparam("author"))
_OF_GUEST = _statement(_comments.author_id.is_(None))


def place(article_id: int, parent_id: int | None, words: Words, moment: datetime) -> Place:
    """Return where these words are to be written. Raises NotFound without the article, or the parent under it."""
    asked = {
        "article": article_id,
        "parent": parent_id,
        "key": words.key,
        "author": words.author_id,
        "guest": words.guest_name,
        "html": words.html if words.key else None,  # only a person with a form may send it again by mistake
        "since": moment - SENT_TWICE,
    }
    row = session.connection().execute(_OF_GUEST if words.author_id is None else _OF_MEMBER, asked).one_or_none()
    if row is None:
        raise NotFound()
    ground, rules, answered, made, same = _split(row[:-1])
    known = Posted(*made) if made else replace(Posted(*same), same_words=True) if same else None
    found = Place(Ground(*ground), Rules(*rules), Answered(*answered) if answered else None, known, row[-1], moment)
    if parent_id is not None and found.answered is None:
        raise NotFound()
    return found


def article_of(comment_id: int | None) -> int | None:
    """Return the article in which a comment stands now, None where there is none."""
    return session.execute(select(_comments.article_id).where(_comments.id == comment_id)).scalar_one_or_none()


def published_by(person_id: int | None, most: int) -> int:
    """Return how many comments somebody has published, counted up to `most`; a guest's are of nobody: 0."""
    if person_id is None:
        return 0
    theirs = select(_comments.id).where(_comments.author_id == person_id, _comments.status == CommentStatus.PUBLISHED)
    counted: int = session.execute(select(func.count()).select_from(theirs.limit(most).subquery())).scalar_one()
    return counted


def made_with(key: str | None) -> Posted | None:
    """Return the comment that a form with this one-time key made already; None without a key."""
    row = session.execute(select(*_MADE).where(_made.c.post_key == key)).one_or_none() if key else None
    return Posted(*row) if row else None


def _split(row: Sequence[Any]) -> Iterator[Any]:
    """Yield the values of each part; an outer join that found nothing gives no id, and so None."""
    start = 0
    for length in _LENGTHS:
        values = row[start : start + length]
        yield values if values[0] is not None else None
        start += length
