"""The table of what was learned about spam."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Integer, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from forum.clock import now
from forum.db import Base, Id, Moment


class SpamModel(Base):
    """What was learned from this site's decisions at one time (`spam.Model`); the newest row is in force."""

    __tablename__ = "spam_models"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    counts: Mapped[bytes] = mapped_column(LargeBinary)
    spam_texts: Mapped[int] = mapped_column(Integer)
    ham_texts: Mapped[int] = mapped_column(Integer)
    created_at: Mapped[datetime] = mapped_column(Moment, default=now)
