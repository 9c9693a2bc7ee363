"""Bring tags, articles and pages of the site in."""

from __future__ import annotations

from collections.abc import Iterable

from flask_babel import gettext as _
from sqlalchemy import delete, insert, select

from forum.articles.models import Article, FormerAddress, Tag, article_tags
from forum.articles.naming import RESERVED
from forum.db import session
from forum.people.models import Person
from forum.policy import ArticleStatus
from forum.site.models import Document
from forum.transfer.checks import Malformed
from forum.transfer.into.accounts import stand_in, unused
from forum.transfer.into.context import IN_ONE_STATEMENT, ImportContext, Row
from forum.transfer.into.people import add_person
from forum.transfer.lines import Record

NOBODY = "unknown-author"  # who an article is by where the file does not say
_NOBODYS = ("import", NOBODY)  # the origin and foreign id of that person: anybody may have taken the name


def import_documents(context: ImportContext) -> None:
    """Replace the rules and other pages of this site by the archive's."""
    session.execute(delete(Document), execution_options={"synchronize_session": False})
    for batch in context.staging.batches("document"):
        context.insert("document", batch, len(batch))


def import_saved_replies(context: ImportContext) -> None:
    """Bring in the texts that moderators keep; only where ids are kept, for another site has its own."""
    for batch in context.staging.batches("saved-reply"):
        context.insert("saved-reply", batch, len(batch))


def import_tags(context: ImportContext) -> None:
    """Match tags by their address, and bring the others in."""
    for batch in context.staging.batches("tag"):
        query = select(Tag.slug, Tag.id).where(Tag.slug.in_([record["slug"] for record in batch]))
        here: dict[str, int] = {row.slug: row.id for row in session.execute(query)}
        new = {record["slug"]: record for record in batch if record["slug"] not in here}
        rows = context.insert("tag", list(new.values()), len(new) + len(here))
        context.tags |= here | {row["slug"]: row["id"] for row in rows}


def import_tag_moderators(context: ImportContext) -> None:
    """Bring in who moderates in which tag; only where ids are kept, for else nobody comes with more rights."""
    for batch in context.staging.batches("tag-moderator"):
        context.insert("tag-moderator", batch, len(batch))


def import_articles(context: ImportContext) -> None:
    """Bring in the articles that are not here yet."""
    for batch in context.staging.batches("article"):
        known = {} if context.keep else context.known(Article, batch)
        new: dict[tuple[str, str], Record] = {}
        for record in batch:
            identity = context.identity(record)
            if identity not in known and identity not in new:
                new[identity] = record
        ids = context.new_ids(Article, list(new.values()))
        _insert(context, dict(zip(ids, new.values(), strict=True)))
        known |= dict(zip(new, ids, strict=True))
        for record in batch:
            context.articles[record["key"]] = known[context.identity(record)]
        context.report.find("article", len(batch) - len(new))


def import_article_versions(context: ImportContext) -> None:
    """Bring in the earlier versions of the articles that came."""
    for batch in context.staging.batches("article-version"):
        new = [record for record in batch if context.article(record["article"]) in context.new_articles]
        context.insert("article-version", new, len(batch))


def _insert(context: ImportContext, records: dict[int, Record]) -> None:
    rows, links = [], []
    taken: set[str] = set()
    for id, record in records.items():
        row = _row(context, record, id)
        row["slug"] = record["slug"] if context.keep else _free_slug(record["slug"], taken)
        context.report.note("addresses", int(row["slug"] != record["slug"]), f"{record['slug']} → {row['slug']}")
        taken.add(row["slug"])
        rows.append(row)
        links += [{"article_id": id, "tag_id": context.tags[slug]} for slug in _tags(context, record)]
        context.new_articles.add(id)
        context.touched.add(id)
    if rows:
        session.execute(insert(Article), rows)
    if links:
        session.execute(insert(article_tags), links)
    _insert_former(records)
    context.report.add("article", len(rows))


def _insert_former(records: dict[int, Record]) -> None:
    """Keep the former addresses of new articles, but none that is another's here, or was."""
    former = {slug: id for id, record in records.items() for slug in record.get("former", ())}
    wanted = list(former)
    for start in range(0, len(wanted), IN_ONE_STATEMENT):
        part = wanted[start : start + IN_ONE_STATEMENT]
        for column in (Article.slug, FormerAddress.slug):
            for taken in session.scalars(select(column).where(column.in_(part))):
                former.pop(taken, None)
    if former:
        session.execute(insert(FormerAddress), [{"slug": slug, "article_id": id} for slug, id in former.items()])


def _row(context: ImportContext, record: Record, id: int) -> Row:
    row = {**context.row(record), "id": id}
    row["author_id"] = row["author_id"] or _unknown_author(context, record["title"])
    row["created_at"] = row["created_at"] or context.moment
    row |= {name: record.get(name, "") for name in ("foreword_html", "afterword_html")}
    # Another system's export may lack a date; without one a published article would be seen by nobody.
    if row["published_at"] is None and row["status"] == ArticleStatus.PUBLISHED and not context.strict:
        row["published_at"] = context.moment
    return row


def _tags(context: ImportContext, record: Record) -> Iterable[str]:
    if missing := [slug for slug in record["tags"] if slug not in context.tags]:
        named = {"article": repr(record["key"]), "tag": repr(missing[0])}
        raise Malformed(_("article %(article)s has the tag %(tag)s, which is nowhere defined", **named))
    return dict.fromkeys(record["tags"])


def _unknown_author(context: ImportContext, title: str) -> int:
    context.report.note("no-author", example=title)
    if context.fallback_author is None:
        context.fallback_author = _nobody(context)
    return context.fallback_author


def _nobody(context: ImportContext) -> int:
    origin, foreign_id = _NOBODYS
    here = session.scalar(select(Person.id).where(Person.origin == origin, Person.foreign_id == foreign_id))
    if here and not unused([here]):
        (origin, foreign_id), here = stand_in(_NOBODYS)
    return here or add_person(context, NOBODY, "Unknown author", origin, foreign_id)


def _free_slug(wanted: str, taken: set[str]) -> str:
    for column in (Article.slug, FormerAddress.slug):
        taken = taken | set(session.scalars(select(column).where(column.startswith(wanted[:110], autoescape=True))))
    taken = taken | RESERVED
    slug, number = wanted, 1
    while slug in taken:
        number += 1
        slug = f"{wanted[:110]}-{number}"
    return slug
