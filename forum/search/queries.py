"""Read what a question finds. The index proposes; what is shown is what stands there now and everybody may read."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import select

from forum.articles.lists import out
from forum.articles.models import TAG_IDS, Article, article_tags
from forum.articles.queries import SHOWN
from forum.clock import now
from forum.comments import queries as comments
from forum.db import session
from forum.people.models import Person
from forum.search import candidates
from forum.search.asked import Asked
from forum.search.candidates import Candidate, Within, moment
from forum.search.matching import Match, Parts, marked, match
from forum.search.models import SearchChange
from forum.search.texts import of_article, of_person, words_of
from forum.text.words import plain

PAGE = 20
RANKED = 100  # texts that are compared for "best": the newest that have the words
READ = 400  # texts that are read for one page; then the page says how far it came
LETTERS = 500_000  # characters of these texts, for a long article costs as much as hundreds of comments
_AT_ONCE = 50
_FEW_ARTICLES = 50  # of a subject that are looked for in the index; with more, its texts are frequent enough
_WAITING = 200  # texts that are not searched yet: so few come in within a moment


@dataclass(frozen=True)
class Scope:
    """Where somebody looks: what one person wrote, under one article, about one subject, from and until a moment."""

    author_id: int | None = None
    article_id: int | None = None
    tag_id: int | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True)
class Result:
    """One article or comment that was found. Without `comment_id` it is the article."""

    comment_id: int | None
    article_slug: str
    title: Parts
    name: str
    username: str | None
    at: datetime
    excerpt: Parts


@dataclass(frozen=True)
class Found:
    """One page of results. `next` is behind which id it goes on, for "best" `start`; None at the end.

    `looked_back_to` is set where the page ended because enough was looked at; `is_ranked` where "best" is of the
    newest `RANKED` only, for there are more.
    """

    results: list[Result]
    next: int | None = None
    start: int | None = None
    looked_back_to: datetime | None = None
    is_ranked: bool = False


@dataclass
class _Looked:
    """What was read for one page: texts with their letters; and behind which id it goes on where that was enough."""

    texts: int = 0
    letters: int = 0
    ended_at: int | None = None


@dataclass(frozen=True)
class _Hit:
    id: int
    row: Any  # a comment (`CommentView`) or the row of an article
    match: Match


def newest(asked: Asked, scope: Scope, before: int | None = None) -> Found:
    """Return results, newest first, those behind an id."""
    looked = _Looked()
    hits = list(islice(_hits(asked, scope, before, looked), PAGE + 1))
    if len(hits) <= PAGE and looked.ended_at is not None:
        return Found(_results(hits, asked), looked.ended_at, looked_back_to=moment(looked.ended_at))
    return Found(_results(hits[:PAGE], asked), hits[PAGE - 1].id if len(hits) > PAGE else None)


def best(asked: Asked, scope: Scope, before: int | None = None, start: int = 0) -> Found:
    """Return the best of the newest results behind an id; `start` is how many stand on the pages before.

    Where nothing was found before enough was looked at, say so, as `newest` does: there may be something further back.
    """
    looked = _Looked()
    hits = list(islice(_hits(asked, scope, before, looked), RANKED + 1))
    if not hits and looked.ended_at is not None:
        return Found([], looked.ended_at, looked_back_to=moment(looked.ended_at))
    is_ranked = len(hits) > RANKED or looked.ended_at is not None
    ranked = sorted(hits[:RANKED], key=lambda hit: (-hit.match.score, -hit.id))
    following = start + PAGE if start + PAGE < len(ranked) else None
    return Found(_results(ranked[start : start + PAGE], asked), start=following, is_ranked=is_ranked)


def is_behind() -> bool:
    """Tell whether many texts wait to be searched, as after an import."""
    waiting = select(SearchChange.id).where(SearchChange.at <= now()).limit(_WAITING)
    return len(session.execute(waiting).all()) == _WAITING


def _hits(asked: Asked, scope: Scope, before: int | None, looked: _Looked) -> Iterator[_Hit]:
    proposed = candidates.newest(asked, _within(scope), before)
    size = PAGE + 1
    while some := list(islice(proposed, size)):
        rows = _present(some, scope)
        for candidate in some:
            row = rows.get((candidate.comment_id, candidate.article_id))
            title, words = ("", "") if row is None else ("", plain(row.html)) if candidate.comment_id else words_of(row)
            if row and (found := match(words, asked, title)):
                yield _Hit(candidate.id, row, found)
            looked.texts, looked.letters = looked.texts + 1, looked.letters + len(words)
            if looked.texts >= READ or looked.letters >= LETTERS:
                looked.ended_at = candidate.id
                return
        size = _AT_ONCE


def _within(scope: Scope) -> Within:
    terms = [of_person(scope.author_id)] if scope.author_id else []
    terms += [of_article(scope.article_id)] if scope.article_id else []
    any_of: list[str] = []
    if scope.tag_id:
        query = select(article_tags.c.article_id).where(article_tags.c.tag_id == scope.tag_id)
        ids = session.scalars(query.limit(_FEW_ARTICLES + 1)).all()
        any_of = [of_article(id) for id in ids] if len(ids) <= _FEW_ARTICLES else []
    return Within(frozenset(terms), frozenset(any_of), scope.since, scope.until)


def _present(some: list[Candidate], scope: Scope) -> dict[tuple[int | None, int | None], Any]:
    """Return those of some texts that everybody may read at this moment, and that are where somebody looks."""
    found: dict[tuple[int | None, int | None], Any] = {}
    for id, view in comments.published([one.comment_id for one in some if one.comment_id]).items():
        if _fits(scope, view.author_id, view.article_id, view.article_tag_ids):
            found[id, None] = view
    for row in _articles([one.article_id for one in some if one.article_id]):
        if _fits(scope, row.author_id, row.id, row.tag_ids):
            found[None, row.id] = row
    return found


def _fits(scope: Scope, author_id: int | None, article_id: int, tag_ids: Collection[int]) -> bool:
    return (
        scope.author_id in (None, author_id)
        and scope.article_id in (None, article_id)
        and (scope.tag_id is None or scope.tag_id in tag_ids)
    )


def _articles(ids: list[int]) -> list[Any]:
    if not ids:
        return []
    query = select(*SHOWN, Article.foreword_html, Article.html, Article.afterword_html, TAG_IDS.label("tag_ids")).join(
        Person, Person.id == Article.author_id
    )
    return list(session.execute(query.where(Article.id.in_(ids), out(now()))))


def _results(hits: list[_Hit], asked: Asked) -> list[Result]:
    return [_result(hit, asked) for hit in hits]


def _result(hit: _Hit, asked: Asked) -> Result:
    row, excerpt = hit.row, hit.match.excerpt()
    if isinstance(row, comments.CommentView):
        title: Parts = ((row.article_title, False),)
        return Result(row.id, row.article_slug, title, row.name, row.author_username, row.created_at, excerpt)
    return Result(None, row.slug, marked(row.title, asked), row.display_name, row.username, row.published_at, excerpt)
