"""Read the earlier versions of an article, and what became of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select

from forum.articles.models import Article, ArticleRevision
from forum.db import session
from forum.people.models import Person
from forum.text.differences import Passage, differences

PAGE = 30  # versions of a page


@dataclass(frozen=True)
class Version:
    """An earlier version: until when it stood there, and who saved another one then."""

    id: int
    title: str
    replaced_at: datetime
    editor_name: str | None
    was_public: bool
    is_erased: bool


@dataclass(frozen=True)
class Versions:
    """A page of versions, newest first. `older` is the id to go on from."""

    versions: Sequence[Version]
    older: int | None


@dataclass(frozen=True)
class Change:
    """An earlier version beside the one that came after it; without passages where it was erased."""

    version: Version
    passages: Sequence[Passage]


def listed(article_id: int, *, everything: bool, before: int | None = None) -> Versions:
    """Return a page of versions: all, or those that readers could read."""
    query = _versions(article_id, everything).order_by(ArticleRevision.id.desc()).limit(PAGE + 1)
    if before is not None:
        query = query.where(ArticleRevision.id < before)
    rows = session.execute(query).all()
    found = [_version(row) for row in rows[:PAGE]]
    return Versions(found, found[-1].id if len(rows) > PAGE else None)


def change(article_id: int, version_id: int, *, everything: bool) -> Change | None:
    """Return a version of an article with what the next one changed, None where there is no such version to be seen."""
    query = _versions(article_id, everything)
    row = session.execute(query.where(ArticleRevision.id == version_id)).one_or_none()
    if row is None:
        return None
    version = _version(row)
    if version.is_erased:
        return Change(version, ())
    later = query.where(ArticleRevision.id > version_id, ArticleRevision.erased_at.is_(None))
    newer = session.execute(later.order_by(ArticleRevision.id).limit(1)).one_or_none()
    text = _whole(newer.ArticleRevision if newer else session.get_one(Article, article_id))
    return Change(version, differences(_whole(row.ArticleRevision), text))


def _versions(article_id: int, everything: bool) -> Select[*tuple[Any, ...]]:
    query: Select[*tuple[Any, ...]] = select(ArticleRevision, Person.display_name).outerjoin(
        Person, Person.id == ArticleRevision.editor_id
    )
    query = query.where(ArticleRevision.article_id == article_id)
    return query if everything else query.where(ArticleRevision.was_public)


def _version(row: Any) -> Version:
    found = row.ArticleRevision
    erased = found.erased_at is not None
    return Version(found.id, found.title, found.replaced_at, row.display_name, found.was_public, erased)


def _whole(words: Article | ArticleRevision) -> str:
    """Return all words of a version, in the order of the page."""
    quoted = (words.foreword, words.source, f"{words.source_name} {words.source_url}".strip(), words.afterword)
    return "\n\n".join(filter(None, (words.title, words.standfirst, *quoted)))
