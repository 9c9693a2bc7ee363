"""Post, reply, edit, withdraw. The caller commits."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, NoReturn

from flask_babel import format_decimal
from flask_babel import gettext as _
from sqlalchemy import bindparam, update

from forum import policy
from forum.acting import lock_as, lock_at
from forum.articles.models import Article
from forum.clock import now
from forum.closures import actions as closure_actions
from forum.closures import queries as closures
from forum.comments import statuses, verdicts
from forum.comments.models import Comment, Revision, Source
from forum.comments.queries import source as source_of
from forum.comments.writing import holding, inserts, queries
from forum.comments.writing.inserts import Write
from forum.comments.writing.queries import Place, Posted, Words
from forum.db import Hold, session
from forum.errors import Invalid, NotFound
from forum.jobs import actions as jobs
from forum.ledger import actions as ledger
from forum.notifications import followers, subscriptions
from forum.notifications.address_links import Wish
from forum.people import addresses
from forum.people.models import Person
from forum.people.names import check_display_name
from forum.people.queries import name_holder
from forum.policy import Actor, CommentStatus
from forum.policy.facts import is_own
from forum.screening.rules import CHECKING
from forum.site.queries import site
from forum.text import rendering
from forum.text.words import is_legible, one_line, tidy

_REMEMBER = (
    update(Person.__table__)  # type: ignore[arg-type]  # a class has a table
    .where(Person.id == bindparam("person"))
    .values(follows_answers=bindparam("wanted"))
)


def post(
    actor: Actor,
    article_id: int,
    body: str,
    *,
    parent_id: int | None = None,
    guest_name: str = "",
    guest_email: str = "",
    key: str = "",
    answers: bool | None = None,
    relied_on: Mapping[int, Hold] | None = None,
) -> Posted:
    """Write a comment under an article or, with `parent_id`, a reply; published, or held as screening says.

    What was posted already is returned instead: by the same form, whose one-time `key` holds for these words in this
    place, or in the same words a moment ago. `answers`: whether its writer wants to hear of replies, which is
    remembered; None is as remembered. A guest's address is asked first. `relied_on`: whom the caller locks after this.
    Raises Invalid for an empty or too long text or a guest's name that is a member's, and what `policy.may_reply` does.
    """
    source, html = _rendered(body)
    guest_name = "" if actor.id else guest_name
    words = Words(html, once(key, actor, article_id, parent_id, source), actor.id, guest_name or None)
    actor, place = _locked_place(actor, article_id, parent_id, words, relied_on or {})
    article_id, moment = place.ground.id, place.moment
    if place.made and (actor.id or not place.made.same_words or place.made.id in actor.guest_comments):
        return place.made
    concerning = closures.concerning(article_id, actor.id) if place.ground.has_closures else []
    verdict = verdicts.reply_verdict(actor, place.rules, place.ground, place.answered, moment, concerning)
    verdict.require()
    _check_guest(actor, guest_name)
    screened = holding.screened(actor, place, html)
    status = CommentStatus.HELD if screened.held else CommentStatus.PUBLISHED
    comment = {
        "id": place.new_id,
        "author_id": actor.id,
        "guest_name": guest_name or None,
        "guest_email": guest_email or None if actor.id is None else None,
        "html": html,
        "renderer_version": rendering.RENDERER_VERSION,
        "status": status,
        "held_reason": screened.reason or None,
        "created_at": moment,
        "post_key": words.key,
    }
    if verdict.once is not None:
        closure_actions.use_once(verdict.once, moment)
    ledger.record(
        "comment.post",
        moment,
        actor_id=actor.id,
        article_id=article_id,
        comment_id=place.new_id,
        details={"status": status, "parent": parent_id},
        beside=[
            *inserts.insertion(comment, source, place.ground, place.answered),
            *_telling(actor, comment, answers),
        ],
    )
    session.expire_all()  # these rows were changed past the ORM, which may hold earlier states of them
    return Posted(place.new_id, article_id, actor.id, status, is_new=True)


def _locked_place(
    actor: Actor, article_id: int, parent_id: int | None, words: Words, relied_on: Mapping[int, Hold]
) -> tuple[Actor, Place]:
    """Lock the article and return where the words go; where what they answer was moved meanwhile, the one it is in."""
    people = {**relied_on, **_alone(actor)}  # at once, because people are locked before articles
    while True:
        actor = lock_as(actor, article_id, people=people, writing=Hold.SHARED)
        try:
            return actor, queries.place(article_id, parent_id, words, now())
        except NotFound:
            there = queries.article_of(parent_id)
            if there is None or there == article_id:
                raise
        session.rollback()
        article_id = there


def _alone(actor: Actor) -> dict[int, Hold]:
    # In slow mode two of one person's posts under two articles would else not wait for each other.
    return {actor.id: Hold.EXCLUSIVE} if actor.id is not None and actor.slow_until is not None else {}


def _telling(actor: Actor, comment: Mapping[str, Any], answers: bool | None) -> list[Write]:
    """Return the writes by which others hear of a comment, and its writer of replies, or by which it is checked."""
    new_id, moment, writes = comment["id"], comment["created_at"], list[Write]()
    if comment["status"] == CommentStatus.PUBLISHED:
        writes.append(jobs.new("comments.tell", moment, {"comments": [new_id]}))
    elif comment["held_reason"] == CHECKING:
        writes.append(jobs.new("comments.check", moment, {"comment": new_id}))
    if actor.id is None:
        if answers and comment["guest_email"]:
            writes.append(followers.asking(Wish(mail_address(comment["guest_email"]), "answers", new_id), moment))
        return writes
    wanted = actor.follows_answers if answers is None else answers
    if wanted:
        writes.append(subscriptions.new(actor.id, "answers", new_id, moment))
    if wanted != actor.follows_answers:
        writes.append((_REMEMBER, {"person": actor.id, "wanted": wanted}))
    return writes


def once(key: str, actor: Actor, article_id: int, parent_id: int | None, source: str) -> str | None:
    """Return the key under which a comment is kept once: a form's key with the writer, the place and the words.

    So a form that is sent again with other words, or from elsewhere, makes another comment. None without a key.
    """
    if not key:
        return None
    # What is answered may be moved to another article between the two times.
    about = json.dumps([key, actor.id, None if parent_id else article_id, parent_id, source])
    return hashlib.sha256(about.encode()).hexdigest()[:40]


def edit(actor: Actor, comment_id: int, body: str) -> Comment:
    """Replace a comment's text and keep the earlier one. It stays Markdown, or HTML where it came in as HTML.

    Raises Invalid, and what `policy.may_edit` says no with.
    """
    # No comment's format is ever changed, so it may be read before the lock.
    source, html = _rendered(body, source_of(comment_id)[1])
    actor, comment, article, moment = _locked(actor, comment_id)
    policy.may_edit(actor, site(), article, comment, verdicts.covering(article.id, comment, actor.id), moment).require()
    old = session.get_one(Source, comment.id)
    if tidy(old.source) == source:
        return comment
    session.add(Revision(comment_id=comment.id, format=old.format, source=old.source, replaced_at=moment))
    old.source = source
    holding.screen_edit(actor, article, comment, html)
    comment.html, comment.renderer_version, comment.edited_at = html, rendering.RENDERER_VERSION, moment
    session.flush()
    _log("comment.edit", moment, actor, comment)
    return comment


def withdraw(actor: Actor, comment_id: int) -> Comment:
    """Delete one's own comment; its place stays where others replied. It can be undone for ten minutes."""
    actor, comment, _, moment = _locked(actor, comment_id)
    policy.may_withdraw(actor, comment).require()
    before = comment.status
    comment.withdrawn_at = moment
    statuses.set_status(comment, CommentStatus.WITHDRAWN)
    _log("comment.withdraw", moment, actor, comment, {"before": before})
    return comment


def undo_withdraw(actor: Actor, comment_id: int) -> Comment:
    """Bring one's own deleted comment back, held again if it was waiting."""
    actor, comment, _, moment = _locked(actor, comment_id)
    policy.may_undo_withdraw(actor, comment, moment).require()
    comment.withdrawn_at = None
    statuses.set_status(comment, CommentStatus.HELD if comment.held_reason else CommentStatus.PUBLISHED)
    _log("comment.undo-withdraw", moment, actor, comment)
    return comment


def _rendered(body: str, format: str = "markdown") -> tuple[str, str]:
    """Return a text as it is stored, and as HTML."""
    body = tidy(body)
    if not body.strip():
        raise Invalid({"body": _("There is nothing written yet.")})
    if len(body) > rendering.MAX_COMMENT:
        over, most = format_decimal(len(body) - rendering.MAX_COMMENT), format_decimal(rendering.MAX_COMMENT)
        raise Invalid({"body": _("This is %(n)s characters too long; at most %(most)s fit.", n=over, most=most)})
    html = rendering.render(body, format)
    if not is_legible(html):
        raise Invalid({"body": _("There is nothing to read in this yet.")})
    return body, html


def mail_address(typed: str) -> str:
    """Return a guest's mail address as it is stored for mail. Raises Invalid for `guest_email`."""
    try:
        return addresses.normal(typed) or ""
    except Invalid as error:
        raise Invalid({"guest_email": error.fields["email"]}) from error


def _check_guest(actor: Actor, name: str) -> None:
    if actor.id is not None:
        return
    if not is_legible(one_line(name)):
        raise Invalid({"guest_name": _("Please say what to call you.")})
    try:
        check_display_name(name, site=site().name)
    except Invalid as error:
        raise Invalid({"guest_name": error.fields["display_name"]}) from error
    if name_holder(name) is not None:
        raise Invalid({"guest_name": _("A member has this name. Please choose another, or sign in.")})


def _log(
    act: str, moment: datetime, actor: Actor, comment: Comment | Posted, details: Mapping[str, object] | None = None
) -> None:
    ledger.record(act, moment, actor_id=actor.id, article_id=comment.article_id, comment_id=comment.id, details=details)


def _locked(actor: Actor, comment_id: int) -> tuple[Actor, Comment, Article, datetime]:
    """Lock a comment's article and return all as they are now; a comment that may not be known of is not found."""
    actor, article_id = lock_at(actor, comment_id, writing=Hold.SHARED)
    comment, article = session.get_one(Comment, comment_id), session.get_one(Article, article_id)
    if not is_own(actor, comment) and not policy.may_see_frame(actor, comment, article):
        raise NotFound()
    return actor, comment, article, now()


def _missing() -> NoReturn:
    raise NotFound()
