"""The statements that read each type of an archive's lines, people by name and articles by slug."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, case, select, union
from sqlalchemy.orm import InstrumentedAttribute

from forum.articles.models import Article, Tag, article_tags
from forum.closures.models import Closure
from forum.comments.models import Comment, Revision, Source
from forum.ledger.models import Details, Entry
from forum.moderation.models import Decision, Flag
from forum.notifications.models import Notice
from forum.people.models import Person
from forum.site.models import Document

Columns = tuple[Any, ...]


@dataclass(frozen=True)
class Scope:
    """Be what is exported: the whole site, or one article with everybody and everything that belongs to it."""

    origin: str
    settings: dict[str, Any] | None
    article_id: int | None = None
    slug: str | None = None


def _username(column: InstrumentedAttribute[Any], name: str) -> ColumnElement[str]:
    return select(Person.username).where(Person.id == column).scalar_subquery().label(name)


def _slug(column: InstrumentedAttribute[Any]) -> ColumnElement[str]:
    return select(Article.slug).where(Article.id == column).scalar_subquery().label("article")


def _within(query: Select[Any], scope: Scope, article_id: InstrumentedAttribute[Any]) -> Select[Any]:
    return query if scope.article_id is None else query.where(article_id == scope.article_id)


def _about_comments(query: Select[Any], scope: Scope, comment_id: InstrumentedAttribute[Any]) -> Select[Any]:
    if scope.article_id is None:
        return query
    return query.join(Comment, Comment.id == comment_id).where(Comment.article_id == scope.article_id)


def _people(scope: Scope) -> Select[Any]:
    columns: Columns = (
        *(Person.id, Person.username, Person.display_name, Person.role, Person.about, Person.hides_comments),
        *(Person.created_at, Person.renamed_at, Person.former_names, Person.approved_at, Person.suspended_until),
        *(Person.suspension_reason, Person.deactivated_at, Person.notices_seen_at, Person.origin, Person.foreign_id),
    )
    query = select(*columns).order_by(Person.id)
    return query if scope.article_id is None else query.where(Person.id.in_(_taking_part(scope.article_id)))


def _taking_part(article_id: int) -> Any:
    here = Comment.article_id == article_id
    return union(
        select(Article.author_id).where(Article.id == article_id),
        select(Comment.author_id).where(here),
        *(
            select(getattr(Closure, name)).where(Closure.article_id == article_id)
            for name in ("person_a_id", "person_b_id", "closed_by_id", "once_id", "reopened_by_id")
        ),
        select(Revision.editor_id).join(Comment, Comment.id == Revision.comment_id).where(here),
        select(Decision.moderator_id).join(Comment, Comment.id == Decision.comment_id).where(here),
        select(Decision.undone_by_id).join(Comment, Comment.id == Decision.comment_id).where(here),
        select(Flag.person_id).join(Comment, Comment.id == Flag.comment_id).where(here),
    )


def _documents(scope: Scope) -> Select[Any]:
    columns: Columns = (Document.id, Document.slug, Document.source, Document.is_starter, Document.created_at)
    query: Select[Any] = select(*columns, _username(Document.person_id, "person")).order_by(Document.id)
    return query if scope.article_id is None else query.where(Document.id < 0)


def _tags(scope: Scope) -> Select[Any]:
    columns: Columns = (Tag.id, Tag.slug, Tag.name)
    query = select(*columns).order_by(Tag.id)
    if scope.article_id is None:
        return query
    return query.join(article_tags, article_tags.c.tag_id == Tag.id).where(
        article_tags.c.article_id == scope.article_id
    )


def _articles(scope: Scope) -> Select[Any]:
    columns: Columns = (
        *(Article.id, Article.slug, Article.title, Article.status, Article.created_at, Article.published_at),
        *(Article.updated_at, Article.format, Article.source, Article.source_name, Article.source_url),
        *(Article.origin, Article.foreign_id),
    )
    return _within(select(*columns, _username(Article.author_id, "author")).order_by(Article.id), scope, Article.id)


def _comments(scope: Scope) -> Select[Any]:
    columns: Columns = (
        *(Comment.id, Comment.parent_id.label("parent"), Comment.guest_name.label("guest"), Comment.status),
        *(Comment.created_at, Comment.edited_at, Comment.withdrawn_at, Comment.held_reason, Comment.rule),
        *(Comment.origin, Comment.foreign_id, Comment.foreign_parent_id, Source.source),
        case((Source.format.is_(None), "markdown"), else_=Source.format).label("format"),
    )
    query = select(*columns, _slug(Comment.article_id), _username(Comment.author_id, "author"))
    query = query.outerjoin(Source, Source.comment_id == Comment.id).order_by(Comment.id)
    return _within(query, scope, Comment.article_id)


def _revisions(scope: Scope) -> Select[Any]:
    columns: Columns = (Revision.id, Revision.comment_id.label("comment"), Revision.format, Revision.source)
    query = select(*columns, Revision.replaced_at, Revision.erased_at, _username(Revision.editor_id, "editor"))
    return _about_comments(query.order_by(Revision.id), scope, Revision.comment_id)


def _closures(scope: Scope) -> Select[Any]:
    columns: Columns = (
        *(Closure.id, Closure.branch_id.label("branch"), Closure.at_id.label("at"), Closure.words, Closure.note),
        *(Closure.took_part, Closure.staff_may, Closure.once_used_at, Closure.created_at, Closure.until),
        *(Closure.lapsed_at, Closure.reopened_at, Closure.reopen_reason, Closure.origin, Closure.foreign_id),
        *(_username(Closure.person_a_id, "person_a"), _username(Closure.person_b_id, "person_b")),
        *(_username(Closure.closed_by_id, "closed_by"), _username(Closure.once_id, "once")),
        *(_username(Closure.reopened_by_id, "reopened_by"), _slug(Closure.article_id)),
    )
    return _within(select(*columns).order_by(Closure.id), scope, Closure.article_id)


def _decisions(scope: Scope) -> Select[Any]:
    columns: Columns = (
        *(Decision.id, Decision.comment_id.label("comment"), Decision.decision, Decision.rule, Decision.note),
        *(Decision.before, Decision.created_at, Decision.undone_at, _username(Decision.moderator_id, "moderator")),
        _username(Decision.undone_by_id, "undone_by"),
    )
    return _about_comments(select(*columns).order_by(Decision.id), scope, Decision.comment_id)


def _flags(scope: Scope) -> Select[Any]:
    columns: Columns = (
        *(Flag.id, Flag.comment_id.label("comment"), Flag.reason, Flag.note, Flag.format, Flag.source),
        *(Flag.created_at, Flag.decision_id.label("decision"), _username(Flag.person_id, "person")),
    )
    return _about_comments(select(*columns).order_by(Flag.id), scope, Flag.comment_id)


def _notices(scope: Scope) -> Select[Any]:
    columns: Columns = (
        *(Notice.id, Notice.kind, Notice.comment_id.label("comment"), Notice.details, Notice.created_at),
        *(Notice.seen_at, Notice.article_id, _username(Notice.person_id, "person"), _slug(Notice.article_id)),
    )
    query = select(*columns).order_by(Notice.id)
    return query if scope.article_id is None else query.where(Notice.id < 0)


def _acts(scope: Scope) -> Select[Any]:
    columns: Columns = (
        *(Entry.number.label("id"), Entry.act, Entry.at, Entry.comment_id.label("comment"), Entry.rule),
        *(Entry.closure_id.label("closure"), Entry.details_hash, Entry.hash, Details.salt, Details.details),
        *(Entry.actor_id, Entry.person_id, Entry.article_id, _slug(Entry.article_id)),
        *(_username(Entry.actor_id, "actor"), _username(Entry.person_id, "person")),
    )
    query = select(*columns).outerjoin(Details, Details.number == Entry.number).order_by(Entry.number)
    # The log is the site's: a piece of its chain would prove nothing.
    return query if scope.article_id is None else query.where(Entry.number < 0)


QUERIES = {
    "person": _people,
    "document": _documents,
    "tag": _tags,
    "article": _articles,
    "comment": _comments,
    "revision": _revisions,
    "closure": _closures,
    "decision": _decisions,
    "flag": _flags,
    "notice": _notices,
    "act": _acts,
}
