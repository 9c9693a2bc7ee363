"""Read pictures: what is known of one, a file of it, and what somebody has at hand for an article."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import column, select, table

from forum.db import Moment, session
from forum.pictures.models import Picture, PictureFile, picture_uses
from forum.policy import Actor
from forum.text import pictures as text

AT_HAND = 100  # pictures to choose from in a form
WIDEST = 9999  # pixels that the address of a file can name
# By its name, because the room that has its model comes later.
_ARTICLES = table("articles", column("id"), column("author_id"), column("status"), column("published_at", Moment))
_COLUMNS = (Picture.id, Picture.hash, Picture.width, Picture.height, Picture.alt, Picture.person_id)


@dataclass(frozen=True)
class Showing:
    """An article that shows a picture. Satisfies `policy.ArticleFacts`."""

    id: int
    author_id: int
    status: str
    published_at: datetime | None


@dataclass(frozen=True)
class Known:
    """A stored picture with the articles that show it. Satisfies `policy.pictures.PictureFacts`."""

    id: int
    picture: text.Picture
    alt: str
    person_id: int | None
    articles: list[Showing] = field(default_factory=list)


@dataclass(frozen=True)
class AtHand:
    """A picture to choose from: what it is called in a text, a small file of it, and what it shows."""

    name: str
    small: str
    alt: str
    line: str
    width: int
    height: int


def known(hashes: Collection[str]) -> dict[str, Known]:
    """Return what is known of pictures by their hashes: one statement."""
    articles = _ARTICLES.c
    query = (
        select(*_COLUMNS, articles.id.label("article_id"), articles.author_id, articles.status, articles.published_at)
        .outerjoin(picture_uses, picture_uses.c.picture_id == Picture.id)
        .outerjoin(_ARTICLES, articles.id == picture_uses.c.article_id)
        .where(Picture.hash.in_(hashes))
    )
    found: dict[str, Known] = {}
    for row in session.execute(query) if hashes else ():
        picture = text.Picture(row.hash, row.width, row.height)
        one = found.setdefault(row.hash, Known(row.id, picture, row.alt, row.person_id))
        if row.article_id is not None:
            one.articles.append(Showing(row.article_id, row.author_id, row.status, row.published_at))
    return found


def file(picture_id: int, width: int) -> bytes | None:
    """Return a picture's file of a width, None where it has none."""
    query = select(PictureFile.data).where(PictureFile.picture_id == picture_id, PictureFile.width == width)
    return session.execute(query).scalar_one_or_none() if width <= WIDEST else None


def at_hand(actor: Actor, article_id: int | None) -> list[AtHand]:
    """Return what an article shows, and what this person uploaded and no article shows; the newest first."""
    here = select(picture_uses.c.picture_id).where(picture_uses.c.article_id == article_id)
    waits = (Picture.person_id == actor.id) & Picture.unused_since.is_not(None)
    query = select(*_COLUMNS).where(waits | Picture.id.in_(here) if article_id else waits)
    rows = session.execute(query.order_by(Picture.id.desc()).limit(AT_HAND)) if actor.id is not None else ()
    return [as_at_hand(text.Picture(row.hash, row.width, row.height), row.alt) for row in rows]


def as_at_hand(picture: text.Picture, alt: str, line: str = "") -> AtHand:
    """Return a picture as the form of an article offers it; `line` shows it in a text."""
    small = picture.at_most(text.WIDTHS[0])
    return AtHand(picture.name, small, alt, line or picture.markdown(alt), picture.width, picture.height)


def unused(moment: datetime, most: int) -> Iterable[int]:
    """Return the ids of pictures that no article has shown since a moment."""
    return session.scalars(select(Picture.id).where(Picture.unused_since < moment).limit(most)).all()
