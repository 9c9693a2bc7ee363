"""Show moderators the exchanges that go in circles, and do what they decide about the two. The caller commits."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NoReturn

from flask_babel import format_decimal
from flask_babel import gettext as _
from sqlalchemy import select

from forum import db, policy
from forum.acting import lock_as
from forum.articles.models import Article
from forum.cases import actions as cases
from forum.cases.models import Case
from forum.clock import now
from forum.comments.models import Comment
from forum.db import Hold, session
from forum.errors import Conflict, Invalid, NotFound
from forum.ledger import actions as ledger
from forum.moderation.models import Exchange
from forum.moderation.parties import others
from forum.moderation.queries import exchanges
from forum.moderation.queries.exchanges import Found
from forum.notifications import actions as notices
from forum.policy import Actor, CaseState, SanctionKind
from forum.sanctions import actions as sanctions
from forum.sanctions.actions import Wanted
from forum.sanctions.queries import names_of
from forum.site.queries import site
from forum.text.words import tidy

OUTCOMES = ("leave", "word", "slow")
LONGEST = 1000  # characters of what both read
SLOW_MINUTES, SLOW_DAYS = 30, 1  # slow mode for both: long enough to sleep over it
KEPT = timedelta(days=2)  # nobody looked at it for so long: then it is over by itself


def watch(moment: datetime) -> int:
    """Open a case for each exchange that goes in circles, and end those of what is over; return 0: nothing is left."""
    found = exchanges.circling(moment) if site().watch_exchanges else []
    new = [one for one in found if not exchanges.is_shown(one)]
    over = exchanges.over(moment, KEPT)
    if not new and not over:
        return 0
    db.lock()
    for one in new:
        if not exchanges.is_shown(one):  # no other worker was faster
            _show(one, moment)
    for case_id, was_ended, by_id in over:
        cases.end_exchange(_held(case_id), "ended" if was_ended else None, by_id, moment)
    return 0


def settle(actor: Actor, case_id: int, outcome: str, words: str = "") -> Exchange:
    """Decide about an exchange: leave it, write a private word to both, or slow both down for a day.

    Both read the words. Raises NotFound, Conflict where somebody decided meanwhile, Invalid without words where they
    are needed, and what `policy.may_settle_exchange` and `sanctions.sanction` say no with.
    """
    words = _checked(outcome, words)
    found = session.scalars(select(Exchange).where(Exchange.case_id == case_id)).one_or_none() or _missing()
    two = (found.person_a_id, found.person_b_id)
    actor = lock_as(actor, people=dict.fromkeys(two, Hold.EXCLUSIVE))
    policy.may_settle_exchange(actor, two, others(actor)).require()
    case, comment, moment = _held(case_id), session.get_one(Comment, found.last_id), now()
    if case.state != CaseState.OPEN:
        raise Conflict(_("Somebody decided about this meanwhile, or the exchange is over."))
    if outcome == "word":
        _write_to_both(found, comment, words)
    elif outcome == "slow":
        letters = exchanges.newest_letters(found)
        for person_id in two:
            _slow_down(actor, person_id, words, letters.get(person_id))
    cases.end_exchange(case, outcome, actor.id, moment)
    ledger.record(
        f"exchange.{outcome}",
        moment,
        actor_id=actor.id,
        article_id=comment.article_id,
        comment_id=comment.id,
        details={"note": words, "rounds": found.rounds},
    )
    return found


def _held(case_id: int) -> Case:
    """Lock a case, so that the worker and a moderator do not end it both."""
    return session.get_one(Case, case_id, with_for_update=True, populate_existing=True)


def _show(found: Found, moment: datetime) -> None:
    circle = found.circle
    made = Exchange(case_id=cases.open_exchange(moment), first_id=found.first_id, last_id=found.last_id)
    made.person_a_id, made.person_b_id = found.people
    made.rounds, made.reports = circle.rounds, circle.reports
    made.minutes = int(circle.lasted / timedelta(minutes=1))
    made.pace, made.growth = round(100 * circle.pace), round(100 * circle.growth)
    session.add(made)
    session.flush()


def _write_to_both(found: Exchange, comment: Comment, words: str) -> None:
    title = session.get_one(Article, comment.article_id).title
    names = names_of([found.person_a_id, found.person_b_id])
    for person_id, other_id in ((found.person_a_id, found.person_b_id), (found.person_b_id, found.person_a_id)):
        details = {"title": title, "text": words, "by": "moderator", "other": names[other_id]}
        notices.tell(person_id, "word", article_id=comment.article_id, comment_id=comment.id, details=details)


def _slow_down(actor: Actor, person_id: int, words: str, letter_id: int | None) -> None:
    """Slow somebody down for their newest letter, unless they are slowed down already."""
    wanted = Wanted(SanctionKind.SLOW, words=words, days=SLOW_DAYS, minutes=SLOW_MINUTES, comment_id=letter_id)
    try:
        sanctions.sanction(actor, person_id, wanted)
    except Conflict:  # asked before anything is written
        return


def _checked(outcome: str, words: str) -> str:
    if outcome not in OUTCOMES:
        raise Invalid({"outcome": _("Please use one of the buttons.")})
    words = tidy(words).strip()
    if outcome != "leave" and not words:
        raise Invalid({"words": _("Please write what both should read.")})
    if len(words) > LONGEST:
        raise Invalid({"words": _("Please say it in at most %(most)s characters.", most=format_decimal(LONGEST))})
    return words if outcome != "leave" else ""


def _missing() -> NoReturn:
    raise NotFound()
