"""Read what the pages of this room show."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from forum.articles.models import Article, Tag, article_tags
from forum.clock import now
from forum.db import session, snapshot, view
from forum.jobs.models import KEPT, MadeFile
from forum.text.words import folded
from forum.transfer import wanted
from forum.transfer.wanted import Wanted

OFFERED = 200  # articles in a list; any other is found by words of its title
Choices = list[tuple[str, str]]  # (slug, words)


@dataclass(frozen=True)
class FileView:
    """A large export as its page shows it: `done` of `total` comments, and why there is none where it `failed`."""

    id: int
    name: str
    media_type: str
    done: int
    total: int
    size: int
    failed: str
    created_at: datetime
    ready_at: datetime | None
    gone_at: datetime

    @property
    def is_being_made(self) -> bool:
        """Tell whether it waits for a worker or one makes it."""
        return self.ready_at is None and not self.failed


def file(file_id: int) -> FileView | None:
    """Return a large export, None where there is none or its day is over."""
    return next(iter(_files(MadeFile.id == file_id)), None)


def files() -> list[FileView]:
    """Return the large exports of the last day, newest first."""
    return _files()


def asked(file_id: int) -> tuple[str, Wanted] | None:
    """Return the format of a large export and what is wanted, None where it is not wanted any more."""
    subject = session.scalar(select(MadeFile.subject).where(MadeFile.id == file_id))
    return (subject["format"], wanted.read(subject["wanted"])) if subject else None


def _files(*which: Any) -> list[FileView]:
    kept = select(MadeFile).where(MadeFile.created_at > now() - KEPT, *which).order_by(MadeFile.id.desc())
    return [view(FileView, row, gone_at=row.created_at + KEPT) for row in session.scalars(kept)]


def choices(find: str, article: str) -> tuple[Choices, bool, Choices]:
    """Return the articles, newest first, and the subjects of the export page, and whether there are more articles.

    Articles are those with words in their titles that begin with the words to `find`, at most OFFERED, and `article`,
    however old it is.
    """
    with snapshot() as connection:
        found = _articles(connection, find)
        offered = found[:OFFERED]
        if article and article not in dict(offered):
            title = select(Article.title).where(Article.slug == article)
            offered += [(article, row.title) for row in connection.execute(title)]
        tags = select(Tag.slug, Tag.name).where(Tag.id.in_(select(article_tags.c.tag_id)))
        subjects = connection.execute(tags.order_by(Tag.slug))  # by name: accents count for nothing
        return offered, len(found) > OFFERED, [(row.slug, row.name) for row in subjects]


def _articles(connection: Connection, find: str) -> Choices:
    query = select(Article.slug, Article.title).order_by(Article.published_at.desc(), Article.id.desc())
    wanted = [f" {word}" for word in folded(find).split()]
    if not wanted:
        return [(row.slug, row.title) for row in connection.execute(query.limit(OFFERED + 1))]
    found: Choices = []
    # Compared here, because SQLite folds ASCII only.
    with connection.execute(query, execution_options={"yield_per": 500}) as rows:
        for slug, title in rows:
            if all(word in folded(title) for word in wanted):
                found.append((slug, title))
            if len(found) > OFFERED:
                break
    return found
