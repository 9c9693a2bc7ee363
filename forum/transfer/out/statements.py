"""The statements that read each type of an archive's lines, for the whole site or for a part of it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, select, union

from forum.articles.models import Article, Tag, article_tags
from forum.comments.models import Comment
from forum.ledger.models import Entry
from forum.people.models import Person
from forum.pictures.models import Picture, PictureFile, picture_uses
from forum.transfer.fields import CommentId, PersonName, UpToTwoPeople
from forum.transfer.out.scope import Scope
from forum.transfer.record_types import RECORD_TYPES

# What the archive of a part leaves out: these belong to the site, and a piece of the log's chain would prove nothing.
OF_THE_SITE = ("document", "tag-moderator", "saved-reply", "sanction", "objection", "notice", "subscription", "act")
OF_PEOPLE = ("notice", "subscription")  # types whose rows may be a mail address's, too; those are not handed on
OF_PICTURES = ("picture", "picture-file")
OF_ARTICLES = ("article-version", "closure")  # types whose rows name their article
OF_COMMENTS = ("revision", "decision", "case", "flag")  # types whose rows name their comment


def statement(type: str, scope: Scope) -> Select[Any]:
    """Return the statement that reads the rows of a type, in the order of ids."""
    query = RECORD_TYPES[type].select()
    if type == "act":  # an entry's id there is its number; every export has the log sealed before
        query = query.where(Entry.number.is_not(None))
    if type == "case":  # what strangers wrote to the people of this site, and what software noticed, stays with them
        query = query.where(RECORD_TYPES[type].model.kind.not_in(("notice", "exchange")))
    if type in OF_PICTURES:  # what no article shows is on its way out
        query = query.where(_picture_id(type).in_(select(picture_uses.c.picture_id)))
    if type in OF_PEOPLE:
        query = query.where(RECORD_TYPES[type].model.person_id.is_not(None))
    return query if scope.wanted.is_everything else query.where(*_within(type, scope))


def _within(type: str, scope: Scope) -> list[ColumnElement[bool]]:
    """Return what is true of the rows of a type that belong to a part of the site."""
    record_type = RECORD_TYPES[type]
    model = record_type.model
    if type in OF_THE_SITE:
        return [record_type.key < 0]
    if type in OF_PICTURES:
        here = select(picture_uses.c.picture_id).where(picture_uses.c.article_id.in_(_articles(scope)))
        return [_picture_id(type).in_(here)]
    if type == "tag":
        carried = select(article_tags.c.tag_id).where(article_tags.c.article_id.in_(_articles(scope)))
        return [Tag.id.in_(carried)]
    if type == "person":
        return [Person.id.in_(_taking_part(scope))]
    if type == "article":
        return [Article.id.in_(_articles(scope))]
    places = [model.article_id.in_(_articles(scope))] if type in OF_ARTICLES else []
    if type == "move":  # another article, or a comment that is there now, is nowhere in this archive
        places = [column.in_(_articles(scope)) for column in (model.from_article_id, model.to_article_id)]
        places.append(model.comment_id.in_(scope.with_above))
    if type == "comment":
        return [Comment.id.in_(scope.with_above)]
    if type in OF_COMMENTS:
        places = [model.comment_id.in_(scope.with_above)]
    named = [field.column for field in record_type.fields if isinstance(field, CommentId)]
    return places + [column.is_(None) | column.in_(scope.with_above) for column in named if column.key != "comment_id"]


def _picture_id(type: str) -> Any:
    return Picture.id if type == "picture" else PictureFile.picture_id


def _articles(scope: Scope) -> Select[Any]:
    """Return the ids of the articles of a part: those asked for, and those under which its comments stand."""
    asked = select(Article.id).where(*scope.articles())
    if not scope.chooses_comments:
        return asked
    own = scope.written(Article.author_id, func.coalesce(Article.published_at, Article.created_at))
    return asked.where(and_(*own) | Article.id.in_(select(Comment.article_id).where(*scope.comments())))


def _taking_part(scope: Scope) -> Any:
    """Return the ids of all people whom a line of a part's archive names, and of the one it is asked for of."""
    named = [select(Person.id).where(Person.id == scope.person_id)] if scope.person_id is not None else []
    for type in ("article", "picture", "move", "comment", *OF_ARTICLES, *OF_COMMENTS):
        for field in RECORD_TYPES[type].fields:
            if isinstance(field, PersonName | UpToTwoPeople):
                columns = field.both if isinstance(field, UpToTwoPeople) else (field.column,)
                named += [select(column).where(*_within(type, scope)) for column in columns]
    return union(*named)
