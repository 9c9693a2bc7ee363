"""Tables of people and of the site itself."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    event,
    inspect,
)
from sqlalchemy.orm import Mapped, mapped_column

from forum.clock import now
from forum.db import Base, Id, Moment
from forum.policy import Role

SITE = 1  # the id of the one row of `site`


class Site(Base):
    """Be the settings an admin makes in the browser, one row. `version` rises with anything a page shows of it."""

    __tablename__ = "site"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    origin: Mapped[str] = mapped_column(String(32))  # random: tells archives of this site from those of others
    version: Mapped[int] = mapped_column(Id, default=1)
    changes_at: Mapped[datetime | None] = mapped_column(Moment)
    set_up_at: Mapped[datetime | None] = mapped_column(Moment)
    is_demo: Mapped[bool] = mapped_column(Boolean, default=False)
    name: Mapped[str] = mapped_column(String(120), default="")
    tagline: Mapped[str] = mapped_column(String(200), default="")
    url: Mapped[str] = mapped_column(String(200), default="")
    language: Mapped[str] = mapped_column(String(20), default="en")
    timezone: Mapped[str] = mapped_column(String(60), default="UTC")
    accent: Mapped[str] = mapped_column(String(7), default="")
    contact: Mapped[str] = mapped_column(String(300), default="")
    footer_links: Mapped[list[dict[str, str]]] = mapped_column(JSON, default=list)  # [{"label", "url"}]
    sign_up: Mapped[str] = mapped_column(String(12), default="open")  # open, approval, invitation
    who_may_comment: Mapped[str] = mapped_column(String(12), default="members")  # members, guests, nobody
    edit_minutes: Mapped[int] = mapped_column(Integer, default=30)  # how long a comment can be edited; 0: never
    public_history: Mapped[bool] = mapped_column(Boolean, default=True)
    logo: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    logo_hash: Mapped[str] = mapped_column(String(16), default="")


@event.listens_for(Site, "before_update")
def _rise(mapper: object, connection: object, site: Site) -> None:
    # Whoever writes a setting need not think of it: pages and processes that knew the old ones read them anew.
    if not inspect(site).attrs.version.history.has_changes():
        site.version += 1


class SiteChange(Base):
    """Be one change of the settings, with what stood there before, so that it can be undone."""

    __tablename__ = "site_changes"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    at: Mapped[datetime] = mapped_column(Moment, default=now)
    before: Mapped[dict[str, Any]] = mapped_column(JSON)
    after: Mapped[dict[str, Any]] = mapped_column(JSON)
    undone_at: Mapped[datetime | None] = mapped_column(Moment)


class Document(Base):
    """Be one dated version of the rules, the privacy page or the contact page; the newest holds."""

    __tablename__ = "documents"
    __table_args__ = (Index("ix_documents_slug", "slug", "id"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    slug: Mapped[str] = mapped_column(String(20))  # rules, privacy, contact
    source: Mapped[str] = mapped_column(Text)
    html: Mapped[str] = mapped_column(Text)
    is_starter: Mapped[bool] = mapped_column(Boolean, default=False)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    created_at: Mapped[datetime] = mapped_column(Moment, default=now)


class Person(Base):
    """Be somebody with an account. `username` signs in, `display_name` is shown; both are unique by look."""

    __tablename__ = "people"
    __table_args__ = (UniqueConstraint("origin", "foreign_id"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    username: Mapped[str] = mapped_column(String(60), unique=True)
    display_name: Mapped[str] = mapped_column(String(80))
    email: Mapped[str | None] = mapped_column(String(254), unique=True)  # as normalised for comparison
    password_hash: Mapped[str | None] = mapped_column(String(200))
    role: Mapped[str] = mapped_column(String(12), default=Role.READER)
    about: Mapped[str] = mapped_column(String(500), default="")
    hides_comments: Mapped[bool] = mapped_column(Boolean, default=False)
    created_at: Mapped[datetime] = mapped_column(Moment, default=now)
    renamed_at: Mapped[datetime | None] = mapped_column(Moment)
    former_names: Mapped[list[str]] = mapped_column(JSON, default=list)
    approved_at: Mapped[datetime | None] = mapped_column(Moment)  # None: waits for an admin's yes
    suspended_until: Mapped[datetime | None] = mapped_column(Moment)
    suspension_reason: Mapped[str] = mapped_column(String(300), default="")
    deactivated_at: Mapped[datetime | None] = mapped_column(Moment)
    notices_seen_at: Mapped[datetime | None] = mapped_column(Moment)
    origin: Mapped[str | None] = mapped_column(String(32))
    foreign_id: Mapped[str | None] = mapped_column(String(100))


class NameKey(Base):
    """Be the look of a name somebody has (`names.look`); the primary key keeps look-alikes of others out."""

    __tablename__ = "name_keys"

    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)


class Session(Base):
    """Be one browser's session: the cookie holds a random token, this row its hash."""

    __tablename__ = "sessions"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    data: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    created_at: Mapped[datetime] = mapped_column(Moment, default=now)
    seen_at: Mapped[datetime] = mapped_column(Moment, default=now, index=True)


class OneTimeLink(Base):
    """Be a link that works once: only the hash of its token is kept. `purpose` is setup, reset or invite."""

    __tablename__ = "one_time_links"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    purpose: Mapped[str] = mapped_column(String(10))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    created_at: Mapped[datetime] = mapped_column(Moment, default=now)
    expires_at: Mapped[datetime] = mapped_column(Moment)
    used_at: Mapped[datetime | None] = mapped_column(Moment)
    note: Mapped[str] = mapped_column(String(200), default="")
