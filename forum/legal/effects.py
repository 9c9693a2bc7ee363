"""What a notice of law does to the comments that it names: hidden or sealed, and as they were before.

Call it inside the locks of the articles. Several notices may name one comment: it stays away while one of them says so,
and comes back with the last.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from sqlalchemy import select

from forum.comments import statuses
from forum.comments.models import Comment
from forum.db import session
from forum.legal.models import LegalNotice, LegalSubject
from forum.policy import CommentStatus
from forum.policy.law import CHILD

STANDS = (CommentStatus.PUBLISHED, CommentStatus.HELD)
AWAY = (CommentStatus.HIDDEN, CommentStatus.SEALED)


def taken(notice: LegalNotice) -> str:
    """Return the status that the comments of a notice have while it keeps them away."""
    return CommentStatus.SEALED if notice.kind == CHILD else CommentStatus.HIDDEN


def bring(notice: LegalNotice, wanted: str | None, rule: str = "", only: Sequence[int] = ()) -> list[Comment]:
    """Give the comments of a notice the status `wanted`, None for as they were before; return those that changed.

    `rule` stands in the place of what is hidden. With `only`, just these comments. What somebody decided otherwise
    meanwhile, erased or deleted is left as it is.
    """
    before, others = dict(notice.before), _others(notice)
    changed: list[Comment] = []
    for rows in _groups(notice):
        wish: dict[int, str] = {}
        for row in rows:
            if only and row.id not in only:
                continue
            status = _next(row, wanted, before, others)
            if status is not None and (status, row.rule or "") != (row.status, rule if wanted else row.rule or ""):
                wish[row.id] = status
        if len(rows) == 1 and wish:
            statuses.set_status(rows[0], wish[rows[0].id], rule)
        elif wish:
            statuses.set_statuses(rows, wish, rule)
        changed += [row for row in rows if row.id in wish]
    notice.before = before
    session.flush()
    return changed


def named(notice: LegalNotice) -> list[Comment]:
    """Return the comments that a notice names; of a branch its first."""
    ids = select(LegalSubject.comment_id).where(LegalSubject.notice_id == notice.id)
    return list(session.scalars(select(Comment).where(Comment.id.in_(ids)).order_by(Comment.id)))


def _groups(notice: LegalNotice) -> Iterator[list[Comment]]:
    """Yield each comment that a notice names, a branch with all below it in reading order; none twice."""
    seen: set[int] = set()
    kinds = select(LegalSubject.comment_id, LegalSubject.kind).where(LegalSubject.notice_id == notice.id)
    found = [(row.comment_id, row.kind) for row in session.execute(kinds) if row.comment_id is not None]
    for comment_id, kind in sorted(found, key=lambda one: one[1]):  # branches before single comments
        comment = session.get(Comment, comment_id)
        if comment is None or comment.id in seen:
            continue
        rows = statuses.branch(comment) if kind == "branch" else [comment]
        seen |= {row.id for row in rows}
        yield rows


def _next(
    row: Comment, wanted: str | None, before: dict[str, str], others: Mapping[int, tuple[str, str]]
) -> str | None:
    """Return the status that a comment gets, None where it keeps its own; note in `before` what it had."""
    key, (held, was) = str(row.id), others.get(row.id, ("", ""))
    if wanted is None:
        had = before.pop(key, None)
        return (held or had) if had is not None and row.status in AWAY else None
    if row.status in STANDS:
        before[key] = row.status
    elif row.status in AWAY and key not in before and held:
        before[key] = was
    elif row.status not in AWAY or key not in before:
        return None
    return CommentStatus.SEALED if CommentStatus.SEALED in (held, wanted) else wanted


def _others(notice: LegalNotice) -> dict[int, tuple[str, str]]:
    """Return what other notices keep away under the same articles: the status they ask for, and the one before."""
    here = select(LegalSubject.article_id).where(LegalSubject.notice_id == notice.id)
    near = select(LegalSubject.notice_id).where(LegalSubject.article_id.in_(here))
    found: dict[int, tuple[str, str]] = {}
    rows = session.scalars(select(LegalNotice).where(LegalNotice.id.in_(near), LegalNotice.id != notice.id))
    for other in rows:
        for key, was in other.before.items():
            asks = taken(other) if found.get(int(key), ("",))[0] != CommentStatus.SEALED else CommentStatus.SEALED
            found[int(key)] = (asks, was)
    return found
