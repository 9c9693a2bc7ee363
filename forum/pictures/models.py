"""The tables of pictures. Foreign keys name their tables as strings, because those rooms come later."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Column, ForeignKey, Integer, LargeBinary, String, Table, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from forum.clock import now
from forum.db import Base, Id, Moment, partial_index

LONGEST_ALT = 500  # characters: what it shows, not what one may think of it
# Which article shows which picture, in its text or as its lead; `actions.show()` keeps it true.
picture_uses = Table(
    "picture_uses",
    Base.metadata,
    Column("article_id", ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True),
    Column("picture_id", ForeignKey("pictures.id", ondelete="CASCADE"), primary_key=True, index=True),
)


class Picture(Base):
    """One picture: the size of its largest file, what it shows in words, and who uploaded it.

    `unused_since` is None while an article shows it.
    """

    __tablename__ = "pictures"
    __table_args__ = (partial_index("ix_pictures_unused_since", "unused_since", where="unused_since IS NOT NULL"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    hash: Mapped[str] = mapped_column(String(32), unique=True)
    width: Mapped[int] = mapped_column(Integer)
    height: Mapped[int] = mapped_column(Integer)
    alt: Mapped[str] = mapped_column(String(LONGEST_ALT), default="")
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(Moment, default=now)
    unused_since: Mapped[datetime | None] = mapped_column(Moment)


class PictureFile(Base):
    """One picture in one width, as it is served: WebP."""

    __tablename__ = "picture_files"
    __table_args__ = (UniqueConstraint("picture_id", "width"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    picture_id: Mapped[int] = mapped_column(ForeignKey("pictures.id", ondelete="CASCADE"))
    width: Mapped[int] = mapped_column(Integer)
    data: Mapped[bytes] = mapped_column(LargeBinary)
