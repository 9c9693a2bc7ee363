"""Tables of the site itself: its settings with their changes, and its documents."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Boolean, ForeignKey, Index, Integer, LargeBinary, String, Text, false, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from forum.clock import now
from forum.db import Base, Id, Moment

SITE = 1  # the id of the one row of `site`


class Site(Base):
    """The settings that an admin makes in the browser, one row. Triggers raise `version` (migration 0018)."""

    __tablename__ = "site"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    origin: Mapped[str] = mapped_column(String(32))  # random: tells archives of this site from those of others
    version: Mapped[int] = mapped_column(Id)
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
    hold_everything: Mapped[bool] = mapped_column(Boolean, default=False)  # what waits for approval: `screening.rules`
    hold_guests: Mapped[bool] = mapped_column(Boolean, default=True)
    hold_first: Mapped[int] = mapped_column(Integer, default=0)
    hold_links: Mapped[int] = mapped_column(Integer, default=0)
    hold_words: Mapped[list[str]] = mapped_column(JSON, default=list)
    hold_spam: Mapped[bool] = mapped_column(Boolean, default=False)
    report_limit: Mapped[int] = mapped_column(Integer, default=0, server_default="0")  # `policy.weighing`; 0: off
    watch_exchanges: Mapped[bool] = mapped_column(Boolean, default=True, server_default=true())  # `policy.circling`
    suspension_days: Mapped[int] = mapped_column(Integer, default=30, server_default="30")  # by moderators, at most
    auto_close_days: Mapped[int] = mapped_column(Integer, default=0, server_default="0")  # 0: never
    auto_close_silent_days: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    auto_close_words: Mapped[str] = mapped_column(Text, default="", server_default="")
    public_history: Mapped[bool] = mapped_column(Boolean, default=True)
    guests_follow: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())  # by address alone
    notice_days: Mapped[int] = mapped_column(Integer, default=7)  # in which a notice of law is to be decided
    complainants_days: Mapped[int] = mapped_column(Integer, default=180)  # name and address are kept after that
    network_days: Mapped[int] = mapped_column(Integer, default=30, server_default="30")  # 0: nothing is kept
    picture_megabytes: Mapped[int] = mapped_column(Integer, default=10, server_default="10")  # of an upload, at most
    picture_megapixels: Mapped[int] = mapped_column(Integer, default=50, server_default="50")  # likewise
    article_pictures: Mapped[int] = mapped_column(Integer, default=40, server_default="40")  # of one; 0: none
    logo: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    logo_hash: Mapped[str] = mapped_column(String(16), default="")


class SiteChange(Base):
    """One change of the settings, with the values before it, so that an admin can undo it."""

    __tablename__ = "site_changes"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    at: Mapped[datetime] = mapped_column(Moment, default=now)
    before: Mapped[dict[str, Any]] = mapped_column(JSON)
    after: Mapped[dict[str, Any]] = mapped_column(JSON)
    undone_at: Mapped[datetime | None] = mapped_column(Moment)
    # By name: the room `people` comes after this one.
    person: Mapped[Any] = relationship("Person", viewonly=True)


class Document(Base):
    """One dated version of the rules, the privacy page or the contact page. The newest version is in force."""

    __tablename__ = "documents"
    __table_args__ = (Index("ix_documents_slug", "slug", "id"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    slug: Mapped[str] = mapped_column(String(20))  # rules, privacy, contact
    source: Mapped[str] = mapped_column(Text)
    html: Mapped[str] = mapped_column(Text)
    is_starter: Mapped[bool] = mapped_column(Boolean, default=False)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    created_at: Mapped[datetime] = mapped_column(Moment, default=now)
    # By name: the room `people` comes after this one.
    person: Mapped[Any] = relationship("Person", viewonly=True)
