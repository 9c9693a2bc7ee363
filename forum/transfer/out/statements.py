"""The statements that read each type of an archive's lines, for the whole site or for one article."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, select, union

from forum.articles.models import Tag, article_tags
from forum.comments.models import Comment
from forum.ledger.models import Entry
from forum.people.models import Person
from forum.pictures.models import Picture, PictureFile, picture_uses
from forum.transfer.fields import PersonName, UpToTwoPeople
from forum.transfer.out.scope import Scope
from forum.transfer.record_types import RECORD_TYPES

# What one article's archive leaves out: these belong to the site, and a piece of the log's chain would prove nothing.
OF_THE_SITE = ("document", "tag-moderator", "saved-reply", "sanction", "objection", "notice", "subscription", "act")
OF_PEOPLE = ("notice", "subscription")  # types whose rows may be a mail address's, too; those are not handed on
OF_ARTICLES = ("comment", "closure")  # types whose rows name their article
OF_PICTURES = ("picture", "picture-file")
OF_COMMENTS = ("revision", "decision", "case", "flag")  # types whose rows name their comment


def statement(type: str, scope: Scope) -> Select[Any]:
    """Return the statement that reads the rows of a type, in the order of ids."""
    query = RECORD_TYPES[type].select()
    if type == "act":  # an entry's id there is its number; whoever exports has the log sealed before
        query = query.where(Entry.number.is_not(None))
    if type == "case":  # what strangers wrote to the people of this site, and what software noticed, stays with them
        query = query.where(RECORD_TYPES[type].model.kind.not_in(("notice", "exchange")))
    if type in OF_PICTURES:  # what no article shows is on its way out
        query = query.where(_picture_id(type).in_(select(picture_uses.c.picture_id)))
    if type in OF_PEOPLE:
        query = query.where(RECORD_TYPES[type].model.person_id.is_not(None))
    return query if scope.article_id is None else _within(query, type, scope.article_id)


def _within(query: Select[Any], type: str, article_id: int) -> Select[Any]:
    model, key = RECORD_TYPES[type].model, RECORD_TYPES[type].key
    if type == "move":  # another article, or a comment that is there now, is nowhere in this archive
        places = [model.from_article_id == article_id, model.to_article_id == article_id]
        inside = select(Comment.id).where(Comment.article_id == article_id)
        for column in (model.comment_id, model.from_parent_id, model.to_parent_id):
            places.append(column.is_(None) | column.in_(inside))
        return query.where(*places)
    if type in OF_THE_SITE:
        return query.where(key < 0)
    if type in OF_ARTICLES:
        return query.where(model.article_id == article_id)
    if type in OF_COMMENTS:
        return query.join(Comment, Comment.id == model.comment_id).where(Comment.article_id == article_id)
    if type in OF_PICTURES:
        here = select(picture_uses.c.picture_id).where(picture_uses.c.article_id == article_id)
        return query.where(_picture_id(type).in_(here))
    if type == "tag":
        return query.join(article_tags, article_tags.c.tag_id == Tag.id).where(article_tags.c.article_id == article_id)
    return query.where(key == article_id if type == "article" else Person.id.in_(_taking_part(article_id)))


def _picture_id(type: str) -> Any:
    return Picture.id if type == "picture" else PictureFile.picture_id


def _taking_part(article_id: int) -> Any:
    """Return the ids of all people whom a line of the article's archive names."""
    named = []
    for type in ("article", "picture", "move", *OF_ARTICLES, *OF_COMMENTS):
        for field in RECORD_TYPES[type].fields:
            if isinstance(field, PersonName | UpToTwoPeople):
                columns = field.both if isinstance(field, UpToTwoPeople) else (field.column,)
                named += [_within(select(column), type, article_id) for column in columns]
    return union(*named)
