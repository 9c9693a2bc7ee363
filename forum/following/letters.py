"""Letters about notices: one of its own for what is told at once, a digest for the rest.

They say what the page of notices would say at that moment, and nothing that was read there.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from forum import db
from forum.clock import now
from forum.comments import ancestry
from forum.comments import queries as comments
from forum.comments.queries import CommentView
from forum.following import inbox, recipients
from forum.following.inbox import Told
from forum.following.recipients import Recipient
from forum.jobs.actions import Later, Taken
from forum.mail.letters import Letter, Subscription, Thread
from forum.mail.messages import ANCESTORS
from forum.notifications import by_mail, leaving, mailing, queries
from forum.notifications.queries import NoticeView
from forum.policy import CommentStatus
from forum.site.queries import site
from forum.text.words import excerpt, paragraphs

LATEST = timedelta(days=7)  # a mail server may be away for days; what is older waits in the page only
MOST = 40  # notices of one digest; the page has the rest
LONGEST = 4000  # characters of one comment; the page has the rest
ANSWERED = 300  # characters of the comment that is answered


def notice(job: Taken) -> Letter | None:
    """Return the letter about one notice, None where it was read, went, or may not be read any more."""
    about, to = job.subject, recipients.of(job.subject)
    row = queries.one_to_mail(to.follower, about["notice"], about["key"]) if to else None
    if to is None or row is None:
        return None
    what = mailing.kind_of(row.kind)
    told = inbox.lines(to.actor, [row])
    if not told or to.when[what] == "never":
        return None
    return _about_comment(to, told[0], what) if row.kind in ("answer", "comment") else _other(to, told[0], what)


def digest(job: Taken) -> Letter | None:
    """Return the letter about all that somebody wants hourly, or daily, None where nothing is left to tell."""
    when, to = str(job.subject["when"]), recipients.of(job.subject)
    rows = _to_mail(to, when, MOST) if to else []
    told = inbox.lines(to.actor, rows) if to else []
    if to is None or not told:
        return None
    subject = ngettext("%(num)s notice", "%(num)s notices", len(told)) + f" · {_site()}"
    values = {"greeting": _greeting(to), "told": told}
    covers = tuple(row.id for row in rows)
    return _letter(to, subject, "digest", f"digest-{job.id}-{covers[0]}", when, values, covers)


def sent(job: Taken, letter: Letter) -> Later | None:
    """Note what a letter told; return what is left of a digest, because more was told while it was sent."""
    db.lock()
    by_mail.mailed(letter.covers)
    if job.kind != "notices.digest":
        return None
    to = recipients.of(job.subject)
    more = to is not None and _to_mail(to, job.subject["when"], 1)
    return Later(job.subject, now()) if more else None


def what_is_mailed(what: str) -> str:
    """Return in words what a kind of mail is, or what comes hourly or daily."""
    words = {
        "answer": _("Answers to what you wrote"),
        "comment": _("Comments under what you follow"),
        "article": _("New articles"),
        "decision": _("Decisions about what you wrote or reported"),
        "hourly": _("What happened in an hour"),
        "daily": _("What happened in a day"),
    }
    return str(words[what])


def _about_comment(to: Recipient, told: Told, what: str) -> Letter:
    """Return the letter about one comment, which mail programs draw in its place among the others."""
    comment = comments.many([told.links[0].comment_id])[told.links[0].comment_id]
    line = ancestry.line(comment.id, ANCESTORS)
    above = [f"comment-{one.id}.{site().origin}" for one in reversed(line[1:])]
    root = [] if len(line) > ANCESTORS else [f"article-{comment.article_id}.{site().origin}"]
    values = {
        "told": told,
        "answered": _answered(to, comment, what),
        "paragraphs": _paragraphs(comment),
        "path": f"/comments/{comment.id}",
    }
    subject = _("Re: %(title)s", title=comment.article_title)
    id, covers = f"comment-{comment.id}.{site().origin}", (told.notice.id,)
    return _letter(to, subject, "comment", id, what, values, covers, Thread((*root, *above)))


def _other(to: Recipient, told: Told, what: str) -> Letter:
    """Return the letter about a new article, or about what was decided."""
    if told.notice.kind == "article":
        subject, id = told.title, f"article-{told.notice.article_id}.{site().origin}"
    else:
        subject, id = _("A notice from %(site)s", site=_site()), f"notice-{told.notice.id}.{site().origin}"
    values = {"greeting": _greeting(to), "told": [told]}
    return _letter(to, subject, "digest", id, what, values, (told.notice.id,))


def _letter(
    to: Recipient,
    subject: str,
    template: str,
    id: str,
    what: str,
    values: dict[str, Any],
    covers: tuple[int, ...],
    thread: Thread | None = None,
) -> Letter:
    leave = f"/mail/unsubscribe/{leaving.token(to.follower, what)}"
    listed = Subscription(what, f"{what_is_mailed(what)} · {_site()}", leave)
    values = {**values, "leave": leave, "what": what_is_mailed(what), "choose": to.choose}
    return Letter(to.name, to.email, subject, template, id, values, thread or Thread(), listed, covers)


def _to_mail(to: Recipient, when: str, most: int) -> list[NoticeView]:
    """Return what a digest tells: nothing of the time before the address was verified, or of long ago."""
    kinds = [kind for kind, chosen in to.when.items() if chosen == when]
    return queries.to_mail(to.follower, kinds, max(now() - LATEST, to.since), most)


def _answered(to: Recipient, comment: CommentView, what: str) -> dict[str, str]:
    """Return the first words of the comment that is answered, and who wrote it; nothing where it cannot be read."""
    parent = comments.facts(comment.parent_id) if comment.parent_id else None
    if parent is None or parent.status != CommentStatus.PUBLISHED:
        return {}
    # Nobody hears of answers to what another wrote.
    is_own = what == "answer" or (parent.author_id is not None and parent.author_id == to.follower.person_id)
    return {"name": "" if is_own else parent.name, "words": excerpt(parent.html, ANSWERED)}


def _paragraphs(comment: CommentView) -> list[str]:
    found: list[str] = []
    length = 0
    for paragraph in paragraphs(comment.html):
        if length + len(paragraph) > LONGEST:
            return [*found, "…"] if found else [excerpt(comment.html, LONGEST)]
        found.append(paragraph)
        length += len(paragraph)
    return found


def _greeting(to: Recipient) -> str:
    return str(_("Hello %(name)s,", name=to.name) if to.name else _("Hello,"))


def _site() -> str:
    return site().name or "Correspondence"
