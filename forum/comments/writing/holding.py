"""Ask screening about what is posted and edited, inside the lock."""

from __future__ import annotations

from flask_babel import gettext as _

from forum import policy
from forum.articles.models import Article
from forum.clock import now
from forum.comments import statuses
from forum.comments.models import Comment
from forum.comments.writing import queries
from forum.comments.writing.queries import Place
from forum.errors import Invalid
from forum.jobs import actions as jobs
from forum.policy import Actor, CommentStatus
from forum.process import checks_outside
from forum.screening import rules
from forum.screening.queries import score
from forum.screening.rules import Screened
from forum.site.queries import site


def screened(actor: Actor, place: Place, html: str) -> Screened:
    """Return whether a new comment waits, and why."""
    if not policy.is_screened(actor, place.ground):
        return rules.PUBLISHED
    most = place.rules.hold_first
    writer = rules.Writer(
        actor.id is None, lambda: queries.published_by(actor.id, most), is_held=actor.held_until is not None
    )
    found = rules.screen(place.rules, writer, html, score)
    return Screened(True, rules.CHECKING) if not found.held and checks_outside() else found


def screen_edit(actor: Actor, article: Article, comment: Comment, html: str) -> None:
    """Hold a published comment whose new text has to wait, unless its present text would have to wait, too.

    Call it while the comment still has its present text. One with replies cannot wait, for they would go with it:
    then Invalid says what has to be left out.
    """
    if comment.status != CommentStatus.PUBLISHED or not policy.is_screened(actor, article):
        return
    if checks_outside():
        jobs.put("comments.check", now(), {"comment": comment.id, "edited": True})
    found = _screened_text(actor, comment, html)
    if not found.held:
        return
    if comment.reply_count:
        raise Invalid({"body": _in_the_way(found.reason)})
    comment.held_reason = found.reason
    statuses.set_status(comment, CommentStatus.HELD)


def _screened_text(actor: Actor, comment: Comment, html: str) -> Screened:
    if actor.held_until is not None:
        return Screened(True, "person")
    settings = site()
    found = rules.screen_text(settings, html, score)
    return rules.PUBLISHED if found.held and rules.screen_text(settings, comment.html, score).held else found


def _in_the_way(reason: str) -> str:
    has_replies = _("A comment with replies cannot wait for approval, and with this change it would have to.")
    instead = {
        "links": _("Please use fewer links, or write a new comment."),
        "person": _("Everything you write waits now. Please write a new comment instead."),
        "words": _("Please choose other words, or write a new comment."),
    }.get(reason) or _("It looks like spam. Please write a new comment instead.")
    return f"{has_replies} {instead}"
