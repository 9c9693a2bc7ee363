"""Bring tags, articles and pages of the site in."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select

from forum.articles.models import Article, Tag, article_tags
from forum.db import session
from forum.people.models import Person
from forum.policy import ArticleStatus, Role
from forum.site.models import Document
from forum.text import safe_link
from forum.transfer.loading import Load
from forum.transfer.shape import Malformed, read_time
from forum.transfer.spool import Record

NOBODY = "unknown-author"  # who an article is by where the file does not say


def load_documents(load: Load) -> None:
    """Put the archive's rules and other pages in the place of what is here."""
    session.execute(delete(Document), execution_options={"synchronize_session": False})
    for batch in load.spool.batches("document"):
        rows = [
            {
                **{name: record[name] for name in ("id", "slug", "source", "html", "is_starter")},
                "person_id": load.people[record["person"]] if record["person"] else None,
                "created_at": read_time(record["created_at"]),
            }
            for record in batch
        ]
        session.execute(insert(Document), rows)
        load.report.add("document", len(rows))


def load_tags(load: Load) -> None:
    """Match tags by their address, and bring the others in."""
    for batch in load.spool.batches("tag"):
        query = select(Tag.slug, Tag.id).where(Tag.slug.in_([record["slug"] for record in batch]))
        here: dict[str, int] = {row.slug: row.id for row in session.execute(query)}
        new = {record["slug"]: record for record in batch if record["slug"] not in here}
        ids = load.new_ids(Tag, list(new.values())) if new else []
        rows = [{"id": id, "slug": slug, "name": new[slug]["name"]} for slug, id in zip(new, ids, strict=True)]
        if rows:
            session.execute(insert(Tag), rows)
        load.tags |= here | dict(zip(new, ids, strict=True))
        load.report.find("tag", len(here))
        load.report.add("tag", len(rows))


def load_articles(load: Load) -> None:
    """Bring in the articles that are not here yet."""
    for batch in load.spool.batches("article"):
        known = {} if load.keep else load.known(Article, batch)
        new: dict[tuple[str, str], Record] = {}
        for record in batch:
            identity = load.identity(record)
            if identity not in known and identity not in new:
                new[identity] = record
        ids = load.new_ids(Article, list(new.values())) if new else []
        _insert(load, dict(zip(ids, new.values(), strict=True)))
        known |= dict(zip(new, ids, strict=True))
        for record in batch:
            load.articles[record["key"]] = known[load.identity(record)]
        load.report.find("article", len(batch) - len(new))


def _insert(load: Load, records: dict[int, Record]) -> None:
    rows, links = [], []
    taken: set[str] = set()
    for id, record in records.items():
        row = _row(load, record, id)
        row["slug"] = record["slug"] if load.keep else _free_slug(record["slug"], taken)
        taken.add(row["slug"])
        rows.append(row)
        links += [{"article_id": id, "tag_id": load.tags[slug]} for slug in _tags(load, record)]
        load.fresh_articles.add(id)
        load.touched.add(id)
    if rows:
        session.execute(insert(Article), rows)
    if links:
        session.execute(insert(article_tags), links)
    load.report.add("article", len(rows))


def _row(load: Load, record: Record, id: int) -> dict[str, Any]:
    address = record["source_url"]
    if address and not (safe_link(address) or "").startswith(("http://", "https://")):
        raise Malformed(f"article {record['key']!r} quotes a page with an unsafe address")
    return {
        **{name: record[name] for name in ("title", "status", "format", "source", "html", "source_name")},
        "id": id,
        "author_id": _author(load, record),
        "source_url": address,
        "created_at": read_time(record["created_at"]) or load.moment,
        "published_at": read_time(record["published_at"]) or _no_date(load, record),
        "updated_at": read_time(record["updated_at"]),
        **load.stamp(record),
    }


def _no_date(load: Load, record: Record) -> datetime | None:
    # Another system's export may lack a date; without one a published article would be seen by nobody.
    return load.moment if record["status"] == ArticleStatus.PUBLISHED and not load.strict else None


def _tags(load: Load, record: Record) -> Iterable[str]:
    if missing := [slug for slug in record["tags"] if slug not in load.tags]:
        raise Malformed(f"article {record['key']!r} has the tag {missing[0]!r}, which is nowhere defined")
    return dict.fromkeys(record["tags"])


def _author(load: Load, record: Record) -> int:
    if record["author"] in load.people:
        return load.people[record["author"]]
    if load.strict:
        raise Malformed(f"article {record['key']!r} is by {record['author']!r}, who is nowhere defined")
    load.report.note("no-author")
    if load.fallback_author is None:
        load.fallback_author = _nobody(load)
    return load.fallback_author


def _nobody(load: Load) -> int:
    here = session.scalar(select(Person.id).where(Person.username == NOBODY))
    if here is not None:
        return here
    person = Person(username=NOBODY, display_name="Unknown author", role=Role.AUTHOR, created_at=load.moment)
    session.add(person)
    session.flush()
    load.report.add("person")
    return person.id


def _free_slug(wanted: str, taken: set[str]) -> str:
    query = select(Article.slug).where(Article.slug.startswith(wanted[:110], autoescape=True))
    taken = taken | set(session.scalars(query)) | {"new"}
    slug, number = wanted, 1
    while slug in taken:
        number += 1
        slug = f"{wanted[:110]}-{number}"
    return slug
