"""Tables of people, their names, sessions and one-time links."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Boolean, ForeignKey, Index, Integer, String, UniqueConstraint, false, true
from sqlalchemy.orm import Mapped, mapped_column

from forum.clock import now
from forum.db import Base, Id, Moment, partial_index
from forum.policy import Role


class Person(Base):
    """A person with an account. `username` signs in, `display_name` is shown; both are unique by their keys."""

    __tablename__ = "people"
    __table_args__ = (
        UniqueConstraint("origin", "foreign_id"),
        # for an admin's yes
        partial_index("ix_people_waiting", "id", where="approved_at IS NULL AND deactivated_at IS NULL"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    username: Mapped[str] = mapped_column(String(60), unique=True)
    display_name: Mapped[str] = mapped_column(String(80))
    email: Mapped[str | None] = mapped_column(String(254), unique=True)  # as normalised for comparison
    email_verified_at: Mapped[datetime | None] = mapped_column(Moment)  # None: nothing but the link for it goes there
    mail_paused_at: Mapped[datetime | None] = mapped_column(Moment)  # when the address was refused for good
    mail_pause_reason: Mapped[str] = mapped_column(String(300), default="")  # in the words of the mail server
    mail_when: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)  # what they chose; notifications/mailing.py
    password_hash: Mapped[str | None] = mapped_column(String(200))
    role: Mapped[str] = mapped_column(String(12), default=Role.READER, index=True)
    about: Mapped[str] = mapped_column(String(500), default="")
    hides_comments: Mapped[bool] = mapped_column(Boolean, default=False)
    follows_answers: Mapped[bool] = mapped_column(Boolean, default=True, server_default=true())  # to what they write
    follows_articles: Mapped[bool] = mapped_column(Boolean, default=True, server_default=true())  # of their own
    language: Mapped[str] = mapped_column(String(20), default="", server_default="")  # empty: the site's
    uses_keys: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())  # single keys, at the desk
    created_at: Mapped[datetime] = mapped_column(Moment, default=now)
    renamed_at: Mapped[datetime | None] = mapped_column(Moment)
    former_names: Mapped[list[str]] = mapped_column(JSON, default=list)
    approved_at: Mapped[datetime | None] = mapped_column(Moment)  # None: waits for an admin's yes
    # What the table of sanctions says is in force, for the path of a post; `sanctions.actions` alone writes both.
    suspended_until: Mapped[datetime | None] = mapped_column(Moment)  # `policy.FOREVER`: banned
    suspension_reason: Mapped[str] = mapped_column(String(300), default="")
    held_until: Mapped[datetime | None] = mapped_column(Moment)
    slow_until: Mapped[datetime | None] = mapped_column(Moment)
    slow_minutes: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    deactivated_at: Mapped[datetime | None] = mapped_column(Moment)
    origin: Mapped[str | None] = mapped_column(String(32))
    foreign_id: Mapped[str | None] = mapped_column(String(100))

    @property
    def is_reached_by_mail(self) -> bool:
        """Tell whether mail goes to this person: the address is verified, nothing paused it, and the account is on."""
        held_up = self.mail_paused_at is not None or self.deactivated_at is not None
        return self.email is not None and self.email_verified_at is not None and not held_up


class TagModerator(Base):
    """One tag in which one person moderates, because an admin said so."""

    __tablename__ = "tag_moderators"
    __table_args__ = (UniqueConstraint("person_id", "tag_id"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    tag_id: Mapped[int] = mapped_column(ForeignKey("tags.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(Moment, default=now)


class NameKey(Base):
    """The key of a person's name (`lookalikes.looks`). The primary key refuses look-alikes of another's name."""

    __tablename__ = "name_keys"

    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)


class Session(Base):
    """The session of one browser: the cookie holds a random token, this row its hash."""

    __tablename__ = "sessions"
    __table_args__ = (Index("ix_sessions_person_id_seen_at", "person_id", "seen_at"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    data: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    created_at: Mapped[datetime] = mapped_column(Moment, default=now)
    seen_at: Mapped[datetime] = mapped_column(Moment, default=now, index=True)


class PersonNetwork(Base):
    """A network from which somebody signed in: a keyed hash of it (`networks.py`), and when they did so last.

    It is no column of a session, because a session's row goes when somebody signs out, as a person who uses a second
    account in one browser does first.
    """

    __tablename__ = "person_networks"
    __table_args__ = (Index("ix_person_networks_network", "network", "seen_at"),)

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True)
    network: Mapped[str] = mapped_column(String(32), primary_key=True)
    seen_at: Mapped[datetime] = mapped_column(Moment, index=True)


class OneTimeLink(Base):
    """A link that works once: only the hash of its token is stored. `purpose` is setup, reset, invite or verify.

    The `note` of a link that verifies an address is the hash of that address.
    """

    __tablename__ = "one_time_links"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    purpose: Mapped[str] = mapped_column(String(10))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(Moment, default=now)
    expires_at: Mapped[datetime] = mapped_column(Moment)
    used_at: Mapped[datetime | None] = mapped_column(Moment)
    note: Mapped[str] = mapped_column(String(200), default="")
