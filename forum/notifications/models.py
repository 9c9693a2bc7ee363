"""Tables of notices, and of what people want to hear of."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from forum.clock import now
from forum.db import Base, Id, Moment, partial_index

_UNSEEN = "seen_at IS NULL"
_ONE = "(person_id IS NULL) <> (address_id IS NULL)"


class Address(Base):
    """A mail address without an account that follows something, kept from its confirmation to the last end of that."""

    __tablename__ = "addresses"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)  # as normalised for comparison
    mail_when: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)  # what its owner chose; mailing.py
    created_at: Mapped[datetime] = mapped_column(Moment, default=now)


class Notice(Base):
    """One notice to a person, or to an address: its kind, its subject, and the words that it quotes.

    `kind` is answer, comment (under what they follow) or article (a new one), of which the page reads the words where
    they stand; or removed, restored, approved, spam, erased, closed, moved, report-answered, sanction, lifted, with the
    words in `details`, which are blanked when the comment is erased. Of several notices to a person with one `key` only
    the first is kept. An address has no page of notices: what it was told is there for its mails alone.
    """

    __tablename__ = "notices"
    __table_args__ = (
        Index("ix_notices_person", "person_id", "id"),
        Index("ix_notices_comment", "comment_id"),
        Index("ix_notices_person_id_key", "person_id", "key", unique=True),
        # The number in the head of every page: the index is as small as the number of unread notices.
        partial_index("ix_notices_unseen", "person_id", where=_UNSEEN),
        Index("ix_notices_address_id_key", "address_id", "key", unique=True),
        Index("ix_notices_seen", "seen_at"),
        partial_index("ix_notices_article", "article_id", where=_UNSEEN),
        CheckConstraint(_ONE, "one"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    address_id: Mapped[int | None] = mapped_column(ForeignKey("addresses.id"))
    kind: Mapped[str] = mapped_column(String(20))
    article_id: Mapped[int | None] = mapped_column(Id)
    comment_id: Mapped[int | None] = mapped_column(Id)
    details: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    created_at: Mapped[datetime] = mapped_column(Moment, default=now)
    seen_at: Mapped[datetime | None] = mapped_column(Moment)
    key: Mapped[str | None] = mapped_column(String(40))
    mailed_at: Mapped[datetime | None] = mapped_column(Moment)


class Subscription(Base):
    """One thing that a person, or an address without an account, wants to hear of.

    `kind` says what `subject_id` is and what is heard: answers (replies to a comment), branch (everything below a
    comment), article (everything under it), tag and person (their new articles), site (all new articles; subject 0).
    """

    __tablename__ = "subscriptions"
    __table_args__ = (
        UniqueConstraint("person_id", "kind", "subject_id"),
        UniqueConstraint("address_id", "kind", "subject_id"),
        Index("ix_subscriptions_kind", "kind", "subject_id", "person_id"),
        CheckConstraint(_ONE, "one"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    address_id: Mapped[int | None] = mapped_column(ForeignKey("addresses.id"))
    kind: Mapped[str] = mapped_column(String(10))
    subject_id: Mapped[int] = mapped_column(Id)
    created_at: Mapped[datetime] = mapped_column(Moment, default=now)
    paused_at: Mapped[datetime | None] = mapped_column(Moment)
