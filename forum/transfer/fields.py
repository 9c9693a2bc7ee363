"""The kinds of fields of an archive's lines.

A field knows its column. From that follow what an export selects, the check of a value in a file, and the columns
that an import writes. People stand in a line by sign-in name, articles by slug, everything else by id.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Mapping
from typing import Any, Protocol

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import InstrumentedAttribute

from forum.articles.models import Article, Tag
from forum.db import Moment
from forum.people.models import Person
from forum.pictures.models import Picture
from forum.transfer.checks import (
    Check,
    check_of,
    is_address,
    is_base64,
    is_hash,
    is_id,
    is_subject,
    list_of,
    or_none,
    read_time,
    words,
)

Column = InstrumentedAttribute[Any]
Columns = dict[str, Any]
NAME, SLUG = words(60, 1), words(120, 1)


class References(Protocol):
    """The ids here of what the lines of an archive name; raises Malformed where a damaged archive names nothing."""

    def person(self, name: str) -> int | None:
        """Return the id of a person."""

    def article(self, slug: str) -> int:
        """Return the id of an article."""

    def comment(self, id: int) -> int:
        """Return the id of a comment."""

    def picture(self, hash: str) -> int:
        """Return the id of a picture."""

    def tag(self, slug: str) -> int:
        """Return the id of a tag."""

    def decision(self, id: int) -> int | None:
        """Return the id of a decision."""

    def case(self, id: int) -> int | None:
        """Return the id of a case."""


class Field:
    """One value of a line, kept in one column as it is.

    `rare`: the field is left out of a line where the column holds nothing. `optional`: the column's table has no row
    for some records. `shortest`: the least length of a text, in characters.
    """

    def __init__(
        self,
        column: Column,
        name: str = "",
        *,
        check: Check | None = None,
        shortest: int = 0,
        rare: bool = False,
        optional: bool = False,
    ) -> None:
        self.column, self.attribute, self.model = column, column.key, column.class_
        self.name, self.rare = name or column.key, rare
        self._is_moment = isinstance(column.type, Moment)
        may_be_none = optional or (column.expression.nullable and not rare)
        self.is_plain = type(self).value is Field.value  # a line has what the column holds
        given = check or check_of(column, shortest)
        self.check = or_none(given) if may_be_none else given

    def selected(self) -> list[ColumnElement[Any]]:
        """Return what an export selects, labelled with the names that `value` reads."""
        return [self.column.label(self.name)]

    def value(self, row: Mapping[str, Any]) -> Any:
        """Return what stands in the line, made of a selected row."""
        return row[self.name]

    def is_left_out(self, value: Any, row: Mapping[str, Any]) -> bool:
        """Tell whether the line does without the field, where it is `rare`."""
        return self.rare and value is None

    def columns(self, value: Any, references: References) -> Columns:
        """Return the columns that an import writes, made of a value of a line that was checked."""
        return {self.attribute: read_time(value) if self._is_moment else value}


class Usual(Field):
    """A value that is left out of a line where it is the usual one; older archives never have it."""

    def __init__(self, column: Column, usual: Any, check: Check | None = None) -> None:
        super().__init__(column, check=check, rare=True)
        self._usual = usual

    def is_left_out(self, value: Any, row: Mapping[str, Any]) -> bool:
        return bool(value == self._usual)

    def columns(self, value: Any, references: References) -> Columns:
        return {self.attribute: self._usual if value is None else value}


class Format(Field):
    """The format of a text; Markdown where the text is gone."""

    def selected(self) -> list[ColumnElement[Any]]:
        return [func.coalesce(self.column, "markdown").label(self.name)]


class PersonName(Field):
    """A person, by sign-in name."""

    def __init__(self, column: Column, *, rare: bool = False) -> None:
        super().__init__(column, column.key.removesuffix("_id"), check=NAME, rare=rare)

    def selected(self) -> list[ColumnElement[Any]]:
        return [username(self.column, self.name)]

    def columns(self, value: Any, references: References) -> Columns:
        return {self.attribute: None if value is None else references.person(value)}


class Author(PersonName):
    """The person who wrote a comment. A guest's has none; where the guest's name was erased, the author is null."""

    def __init__(self, column: Column) -> None:
        super().__init__(column, rare=True)
        self.check = or_none(NAME)

    def is_left_out(self, value: Any, row: Mapping[str, Any]) -> bool:
        return value is None and row["guest"] is not None


class UpToTwoPeople(Field):
    """A list of one or two people in two columns, or an empty list."""

    def __init__(self, first: Column, second: Column, name: str) -> None:
        super().__init__(first, name, check=lambda value: list_of(NAME)(value) and len(value) <= 2)
        self.both = (first, second)

    def selected(self) -> list[ColumnElement[Any]]:
        return [username(column, column.key) for column in self.both]

    def value(self, row: Mapping[str, Any]) -> Any:
        return [row[column.key] for column in self.both if row[column.key]]

    def columns(self, value: Any, references: References) -> Columns:
        people = [references.person(name) for name in value]
        return dict(zip((column.key for column in self.both), [*people, None, None], strict=False))


class ArticleSlug(Field):
    """An article, by slug."""

    def __init__(self, column: Column) -> None:
        super().__init__(column, column.key.removesuffix("_id"), check=SLUG)

    def selected(self) -> list[ColumnElement[Any]]:
        return [slug(self.column, self.name)]

    def columns(self, value: Any, references: References) -> Columns:
        return {self.attribute: None if value is None else references.article(value)}


class TagSlug(Field):
    """A tag, by slug; where it is `rare`, left out where there is none."""

    def __init__(self, column: Column, *, rare: bool = False) -> None:
        super().__init__(column, column.key.removesuffix("_id"), check=NAME, rare=rare)

    def selected(self) -> list[ColumnElement[Any]]:
        return [select(Tag.slug).where(Tag.id == self.column).scalar_subquery().label(self.name)]

    def columns(self, value: Any, references: References) -> Columns:
        return {self.attribute: None if value is None else references.tag(value)}


class PictureHash(Field):
    """A picture of the same archive, by hash."""

    def __init__(self, column: Column) -> None:
        super().__init__(column, column.key.removesuffix("_id"), check=is_hash)

    def selected(self) -> list[ColumnElement[Any]]:
        return [select(Picture.hash).where(Picture.id == self.column).scalar_subquery().label(self.name)]

    def columns(self, value: Any, references: References) -> Columns:
        return {self.attribute: references.picture(value)}


class Bytes(Field):
    """The bytes of a file, in base64."""

    def __init__(self, column: Column) -> None:
        super().__init__(column, check=is_base64)

    def value(self, row: Mapping[str, Any]) -> Any:
        return b64encode(row[self.name]).decode()

    def columns(self, value: Any, references: References) -> Columns:
        return {self.attribute: b64decode(value)}


class CommentId(Field):
    """A comment of the same archive, by id."""

    def __init__(self, column: Column) -> None:
        super().__init__(column, column.key.removesuffix("_id"), check=is_id)

    def columns(self, value: Any, references: References) -> Columns:
        return {self.attribute: None if value is None else references.comment(value)}


class ParentId(CommentId):
    """The comment that a comment answers; written when all comments are there, for it may stand in a later line."""

    def columns(self, value: Any, references: References) -> Columns:
        return {self.attribute: None}


class DecisionId(Field):
    """A decision of the same archive, by id."""

    def __init__(self, column: Column) -> None:
        super().__init__(column, column.key.removesuffix("_id"), check=is_id)

    def columns(self, value: Any, references: References) -> Columns:
        return {self.attribute: None if value is None else references.decision(value)}


class FirstDecision(Field):
    """The decision by which the writer was told of this one, too; written when all decisions are there."""

    def __init__(self, column: Column) -> None:
        super().__init__(column, "first", check=is_id, rare=True)

    def columns(self, value: Any, references: References) -> Columns:
        return {self.attribute: None}


class CaseId(Field):
    """A case of the same archive, by id."""

    def __init__(self, column: Column) -> None:
        super().__init__(column, column.key.removesuffix("_id"), check=is_id, rare=True)

    def columns(self, value: Any, references: References) -> Columns:
        return {self.attribute: None if value is None else references.case(value)}


class LastingReference(Field):
    """A person or an article that may be gone: by name, or where it is gone by the id it had."""

    def __init__(self, column: Column) -> None:
        self.is_article = column.key == "article_id"
        super().__init__(
            column, column.key.removesuffix("_id"), check=or_none(lambda value: is_id(value) or SLUG(value))
        )

    def selected(self) -> list[ColumnElement[Any]]:
        name = (slug if self.is_article else username)(self.column, self.name)
        return [name, self.column.label(self.attribute)]

    def value(self, row: Mapping[str, Any]) -> Any:
        return row[self.name] or row[self.attribute]

    def columns(self, value: Any, references: References) -> Columns:
        if isinstance(value, str):
            value = references.article(value) if self.is_article else references.person(value)
        return {self.attribute: value}


class Subject(Field):
    """What somebody follows: its kind, and which one by name, a comment by id; by the id it had where it is gone."""

    def __init__(self, kind: Column, subject: Column) -> None:
        super().__init__(subject, "of", check=is_subject)
        self._kind = kind

    def selected(self) -> list[ColumnElement[Any]]:
        names = {
            "article": (Article.slug, Article.id),
            "tag": (Tag.slug, Tag.id),
            "person": (Person.username, Person.id),
        }
        named = [
            (self._kind == kind, select(name).where(id == self.column).scalar_subquery())
            for kind, (name, id) in names.items()
        ]
        return [self._kind.label("kind"), self.column.label("subject_id"), case(*named, else_=None).label("named")]

    def value(self, row: Mapping[str, Any]) -> Any:
        return [row["kind"], row["named"] or row["subject_id"]]

    def columns(self, value: Any, references: References) -> Columns:
        kind, which = value
        finds = {"article": references.article, "tag": references.tag, "person": references.person}
        if isinstance(which, str):
            which = finds[kind](which)
        elif kind in ("answers", "branch"):
            which = references.comment(which)
        return {"kind": kind, "subject_id": which}


class TagSlugs(Field):
    """The slugs of an article's tags, in the order of the tags' ids; rows of their own, read and written apart."""

    def __init__(self, column: Column) -> None:
        super().__init__(column, "tags", check=list_of(NAME))

    def selected(self) -> list[ColumnElement[Any]]:
        return []

    def columns(self, value: Any, references: References) -> Columns:
        return {}


class FormerSlugs(Field):
    """The addresses that readers had of an article before its present one; rows of their own, as its tags."""

    def __init__(self, column: Column) -> None:
        super().__init__(column, "former", check=list_of(is_address(120)), rare=True)

    def selected(self) -> list[ColumnElement[Any]]:
        return []

    def is_left_out(self, value: Any, row: Mapping[str, Any]) -> bool:
        return not value

    def columns(self, value: Any, references: References) -> Columns:
        return {}


def username(column: Column, label: str) -> ColumnElement[str]:
    """Return the sign-in name of the person whose id a column holds."""
    return select(Person.username).where(Person.id == column).scalar_subquery().label(label)


def slug(column: Column, label: str) -> ColumnElement[str]:
    """Return the slug of the article whose id a column holds."""
    return select(Article.slug).where(Article.id == column).scalar_subquery().label(label)
