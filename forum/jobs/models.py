"""Tables of jobs, of the workers that do them, and of the files that these make."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, Integer, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from forum.clock import now
from forum.db import Base, Id, Moment, partial_index

KEPT = timedelta(days=1)  # how long a file that was made is there


class Job(Base):
    """One thing to be done at `due_at` or later; the row is deleted in the transaction that does it.

    `kind` names what is done ("comments.tell"), `subject` says with what, in plain JSON. Of several jobs with one `key`
    only the first is kept. Taking a job moves `due_at` to the end of the lease and counts the attempt: a worker that
    died has not done it, and the next one takes it then. `failed_at` is set when it was tried often enough.
    """

    __tablename__ = "jobs"
    __table_args__ = (
        partial_index("ix_jobs_due", "due_at", "id", where="failed_at IS NULL"),
        Index("ix_jobs_failed", "failed_at"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))
    subject: Mapped[dict[str, Any]] = mapped_column(JSON)
    key: Mapped[str | None] = mapped_column(String(100), unique=True)
    due_at: Mapped[datetime] = mapped_column(Moment)
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    error: Mapped[str] = mapped_column(String(500), default="")
    created_at: Mapped[datetime] = mapped_column(Moment, default=now)
    failed_at: Mapped[datetime | None] = mapped_column(Moment)


class Worker(Base):
    """A process that does jobs, and when it was last seen."""

    __tablename__ = "workers"

    name: Mapped[str] = mapped_column(String(100), primary_key=True)
    seen_at: Mapped[datetime] = mapped_column(Moment, default=now, index=True)


class MadeFile(Base):
    """A file that a worker makes for somebody, kept in the database, so that every machine can send it.

    `subject` says what it is of, in plain JSON; `done` and `total` count what is in it and what will be. Its maker
    holds its `mark`: without the mark (`made.forget`) it is begun anew. `size` is in bytes, `failed` the code of why
    there is none.
    """

    __tablename__ = "made_files"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    name: Mapped[str] = mapped_column(String(250))
    media_type: Mapped[str] = mapped_column(String(60))
    subject: Mapped[dict[str, Any]] = mapped_column(JSON)
    mark: Mapped[str] = mapped_column(String(32), default="")
    done: Mapped[int] = mapped_column(Integer, default=0)
    total: Mapped[int] = mapped_column(Integer, default=0)
    size: Mapped[int] = mapped_column(BigInteger, default=0)
    failed: Mapped[str] = mapped_column(String(20), default="")
    created_at: Mapped[datetime] = mapped_column(Moment, default=now, index=True)
    ready_at: Mapped[datetime | None] = mapped_column(Moment)


class MadePart(Base):
    """A piece of such a file, compressed by itself; the pieces in the order of their numbers are the file."""

    __tablename__ = "made_parts"

    file_id: Mapped[int] = mapped_column(ForeignKey("made_files.id"), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    data: Mapped[bytes] = mapped_column(LargeBinary)
