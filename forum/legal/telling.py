"""Tell the writers of what a notice of law names: that there is one, what was decided and why. Never who sent it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from sqlalchemy import select

from forum.articles.models import Article
from forum.comments.models import Comment
from forum.db import session
from forum.legal import effects
from forum.legal.kinds import in_words
from forum.legal.models import LegalNotice, LegalSubject
from forum.legal.queries import cause
from forum.notifications.actions import tell, withdraw
from forum.policy import Actor
from forum.policy.law import CHILD
from forum.text.words import excerpt

WORDS = 200  # characters quoted: enough to recognise one's own comment


def passed_on(actor: Actor, notice: LegalNotice, said: str) -> int:
    """Tell the writers of a notice's words; return how many heard of it."""
    return _tell("law-passed", actor, notice, said, f"law-passed:{notice.id}")


def decided(actor: Actor, notice: LegalNotice, changed: Iterable[Comment]) -> None:
    """Tell the writers what was decided, and why."""
    kind = "law-removed" if notice.outcome == "hide" else "law-kept"
    _tell(kind, actor, notice, notice.reasons, cause(notice), changed)


def reopened(actor: Actor, notice: LegalNotice, changed: Collection[Comment]) -> None:
    """Tell those who read of a decision that it was taken back; the others hear of neither."""
    comments, articles = {*effects.named(notice), *changed}, _articles(notice)
    authors = [article.author_id for article in articles]
    unaware = withdraw(cause(notice), comments=[row.id for row in comments], people=authors)
    _tell("law-open", actor, notice, "", cause(notice), changed, unaware)


def _tell(
    kind: str,
    actor: Actor,
    notice: LegalNotice,
    said: str,
    why: str,
    changed: Iterable[Comment] = (),
    unaware: Collection[int] = (),
) -> int:
    """Write one notice to each person, whatever the number of their comments."""
    shared = {"rule": in_words(notice.kind), "text": said, "by": "moderator", "cause": why}
    spared = {actor.id, *unaware}
    heard: set[int] = set()
    for comment in {row.id: row for row in (*effects.named(notice), *changed)}.values():
        person_id = comment.author_id
        if person_id is None or person_id in spared | heard:
            continue
        heard.add(person_id)
        about: Mapping[str, Any] = {"title": session.get_one(Article, comment.article_id).title}
        # A sealed text is for admins alone, no matter who wrote it.
        words = {} if notice.kind == CHILD else {"words": excerpt(comment.html, WORDS)}
        details = {**shared, **about, **words}
        tell(person_id, kind, article_id=comment.article_id, comment_id=comment.id, details=details)
    for article in _articles(notice):
        if article.author_id not in spared | heard:
            heard.add(article.author_id)
            tell(article.author_id, kind, article_id=article.id, details={**shared, "title": article.title})
    return len(heard)


def _articles(notice: LegalNotice) -> list[Article]:
    """Return the articles that a notice names themselves."""
    ids = select(LegalSubject.article_id).where(LegalSubject.notice_id == notice.id, LegalSubject.kind == "article")
    return list(session.scalars(select(Article).where(Article.id.in_(ids)).order_by(Article.id)))
