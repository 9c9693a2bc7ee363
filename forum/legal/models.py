"""Tables of notices of law and of what each is about."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Boolean, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from forum.clock import now
from forum.db import Base, Id, Moment, partial_index

NOT_ERASED = "erased_at IS NULL"


class LegalNotice(Base):
    """One notice of law. Its case says whether it is open, who decided and what (`cases`).

    `reference` cannot be guessed. `name` and `email` are the complainant's, and None once they were erased. `meanwhile`
    says that the comments were taken away before the decision: by somebody, or at once because of a child.
    `before` has by comment the status that each had before this notice changed it, as long as that is in force.
    """

    __tablename__ = "legal_notices"
    __table_args__ = (partial_index("ix_legal_notices_decided", "decided_at", "id", where=NOT_ERASED),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), unique=True)
    reference: Mapped[str] = mapped_column(String(20), unique=True)
    kind: Mapped[str] = mapped_column(String(12))  # of `kinds.KINDS`
    why: Mapped[str] = mapped_column(Text)
    name: Mapped[str | None] = mapped_column(String(120))
    email: Mapped[str | None] = mapped_column(String(254))
    created_at: Mapped[datetime] = mapped_column(Moment, default=now)
    due_at: Mapped[datetime] = mapped_column(Moment)
    looked_at: Mapped[datetime | None] = mapped_column(Moment)  # since when somebody looks at it
    meanwhile: Mapped[bool] = mapped_column(Boolean, default=False)
    before: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    passed_at: Mapped[datetime | None] = mapped_column(Moment)  # to the writers
    outcome: Mapped[str | None] = mapped_column(String(8))  # hide, keep
    reasons: Mapped[str] = mapped_column(Text, default="")
    decided_at: Mapped[datetime | None] = mapped_column(Moment)
    erased_at: Mapped[datetime | None] = mapped_column(Moment)  # name and address


class LegalSubject(Base):
    """One address that a notice of law names, as it was typed.

    `kind` is comment, branch or article where a visitor could read it at that time, else other. The ids are no foreign
    keys: a draft may be deleted.
    """

    __tablename__ = "legal_subjects"
    __table_args__ = (
        Index("ix_legal_subjects_article_id", "article_id"),
        Index("ix_legal_subjects_notice_id", "notice_id"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    notice_id: Mapped[int] = mapped_column(ForeignKey("legal_notices.id"))
    typed: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(String(8))
    comment_id: Mapped[int | None] = mapped_column(Id)
    article_id: Mapped[int | None] = mapped_column(Id)
