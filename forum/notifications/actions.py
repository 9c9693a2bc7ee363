"""Tell people things, and note what they have read."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import Table, bindparam, delete, select, text, update

from forum import db
from forum.acting import lock_as
from forum.clock import now
from forum.db import session
from forum.errors import SignInNeeded
from forum.notifications import by_mail
from forum.notifications.models import Notice
from forum.policy import Actor, ArticleFacts
from forum.policy.facts import is_staff
from forum.policy.reasons import Code, Reason

READ_KEPT = timedelta(days=90)  # after that a notice that was read goes; /privacy says so
MAILED_KEPT = timedelta(days=30)  # after that what an address was told goes, mailed or not
AT_ONCE = 500  # notices deleted in one transaction
_COLUMNS = ("person_id", "address_id", "kind", "key", "article_id", "comment_id", "details", "created_at")
# In words that both databases know: what SQLAlchemy has for it is one class for each.
_ONCE = text(
    f"INSERT INTO notices ({', '.join(_COLUMNS)}) VALUES (:{', :'.join(_COLUMNS)}) "  # noqa: S608 -- names of columns
    "ON CONFLICT DO NOTHING"
).bindparams(*(bindparam(name, type_=cast(Table, Notice.__table__).c[name].type) for name in _COLUMNS))


def tell(
    person_id: int,
    kind: str,
    *,
    article_id: int | None = None,
    comment_id: int | None = None,
    details: Mapping[str, Any] | None = None,
    at: datetime | None = None,
) -> None:
    """Write a notice to a person. Call it inside the write that the notice tells about; `at` is its time, if not now.

    `kind` is removed, held (by reports), restored, approved, spam, erased, closed, moved, report-answered, sanction,
    lifted, word (to two people) or tags, or of a notice of law law-passed, law-removed, law-kept, law-open. Of
    `details` the page shows `title` (the article's), `words` (what the notice is about, a few lines), `rule`, `by`
    (software, moderator, author), `outcome` (kept, removed, reopened: of a report; reopened: of a closure), `more` (how
    many other comments of theirs were treated the same), and of a closure `reach` (two, branch, article, own: under an
    article of theirs; for this person alone one-branch, one-article, one-tag, one-site), `other` (with whom; of `tags`,
    which), `begins_at` and `until`. Of a move `other` is the article it went to, where that is another one, `outcome`
    is back where it was undone, unseen where that article is not out, `reach` own for those who wrote none of it. Of a
    sanction `outcome` is its kind, `text` what a moderator wrote to them, `minutes` those of slow mode (as a string);
    of a notice of law `text` is what it says, or the reasons. `cause` names the act, for `withdraw`; `taken_back` says
    that an objection took it back. Never put a reporter's or a moderator's name into it.
    """
    notice = Notice(
        person_id=person_id,
        kind=kind,
        article_id=article_id,
        comment_id=comment_id,
        details=dict(details or {}),
        created_at=at or now(),
    )
    session.add(notice)
    session.flush()
    by_mail.ask([{"person_id": person_id, "kind": kind, "id": notice.id}])


def tell_each(rows: Sequence[Mapping[str, Any]]) -> None:
    """Write many notices at once; a person who has one with the same key keeps the old one.

    A row has person_id or address_id (the other is None), kind, key, article_id, comment_id, details and created_at.
    Call it inside `db.lock()`.
    """
    if rows:
        session.connection().execute(_ONCE, [dict(row) for row in rows])
        by_mail.ask(rows)


def take_back(comments: Collection[int]) -> None:
    """Delete what nobody has read yet of notices that comments were written, because these are seen no longer."""
    keys = [comment_key(id) for id in comments]
    unread = delete(Notice).where(Notice.comment_id.in_(comments), Notice.key.in_(keys), Notice.seen_at.is_(None))
    session.execute(unread, execution_options={"synchronize_session": False})


def take_back_article(article_id: int) -> None:
    """Delete what nobody has read yet of notices about an article and the comments under it: nobody reads it now.

    What was decided about somebody stays.
    """
    told = Notice.article_id == article_id, Notice.key.is_not(None), Notice.seen_at.is_(None)
    session.execute(delete(Notice).where(*told), execution_options={"synchronize_session": False})


def purge_notices(moment: datetime) -> int:
    """Delete some notices that are old: read long ago, or told to an address long ago; return how many."""
    read = select(Notice.id).where(Notice.seen_at < moment - READ_KEPT)
    mailed = select(Notice.id).where(Notice.address_id.is_not(None), Notice.created_at < moment - MAILED_KEPT)
    # One after the other, so that each is looked up in an index.
    old = session.scalars(read.limit(AT_ONCE)).all() or session.scalars(mailed.limit(AT_ONCE)).all()
    if not old:
        return 0
    db.lock()
    gone = delete(Notice).where(Notice.id.in_(old))
    session.execute(gone, execution_options={"synchronize_session": False})
    return len(old)


def comment_key(comment_id: int) -> str:
    """Return the key of notices that a comment was written: each person hears of it once."""
    return f"comment:{comment_id}"


def article_key(article_id: int) -> str:
    """Return the key of notices that an article was published: each person hears of it once."""
    return f"article:{article_id}"


def withdraw(cause: str, *, comments: Collection[int] = (), people: Collection[int] = ()) -> set[int]:
    """Take back the notices of a cause that was undone, where nobody has read them; return to whom they were.

    They are looked for among those about `comments`, and those about no comment to `people`.
    """
    among = Notice.comment_id.in_(comments) | (Notice.person_id.in_(people) & Notice.comment_id.is_(None))
    unread = session.scalars(select(Notice).where(among, Notice.seen_at.is_(None))).all()
    gone = [notice for notice in unread if notice.details.get("cause") == cause]
    for notice in gone:
        session.delete(notice)
    session.flush()
    return {notice.person_id for notice in gone if notice.person_id is not None}


def mark_taken_back(person_id: int, cause: str, comment_id: int | None) -> None:
    """Let the notices by which a person was told of an act about a comment, or none, say that it was taken back."""
    told = select(Notice).where(Notice.person_id == person_id, Notice.comment_id == comment_id)
    for notice in session.scalars(told):
        if notice.details.get("cause") == cause:
            notice.details = {**notice.details, "taken_back": "yes"}
    session.flush()


def by(actor: Actor, article: ArticleFacts) -> str:
    """Return in what capacity somebody acts: a moderator, or the article's author."""
    return "author" if actor.id == article.author_id and not is_staff(actor) else "moderator"


def mark_read(actor: Actor, up_to: int) -> None:
    """Mark a person's notices as read, up to the newest one that was shown."""
    if actor.id is None:
        raise SignInNeeded(Reason(Code.SIGN_IN))
    actor = lock_as(actor)
    mine = update(Notice).where(Notice.person_id == actor.id, Notice.id <= up_to, Notice.seen_at.is_(None))
    session.execute(mine.values(seen_at=now()), execution_options={"synchronize_session": False})


def mark_shown(notices: Collection[int]) -> int:
    """Mark notices of what somebody has just seen on a page as read, and return how many they were.

    Raises Busy at once where the write lock is taken: reading waits for nobody.
    """
    shown = update(Notice).where(Notice.id.in_(notices), Notice.seen_at.is_(None))
    db.lock(wait=False)
    done = session.execute(shown.values(seen_at=now()), execution_options={"synchronize_session": False})
    return int(cast(Any, done).rowcount)


def forget_words(comment_ids: Iterable[int], kinds: Collection[str] = ()) -> None:
    """Take the quoted words out of every notice about these comments, or of these kinds, because they were erased."""
    about = select(Notice).where(Notice.comment_id.in_(tuple(comment_ids)))
    for notice in session.scalars(about.where(Notice.kind.in_(kinds)) if kinds else about):
        notice.details = {key: value for key, value in notice.details.items() if key not in ("words", "text")}
    session.flush()
