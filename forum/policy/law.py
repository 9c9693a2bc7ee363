"""Who decides about a notice of law, and what is sealed before anybody has looked."""

from __future__ import annotations

from forum.policy.facts import Actor, CommentStatus, Role, Verdict, no
from forum.policy.reasons import Code
from forum.policy.staff import may_administer, may_moderate_everywhere

CHILD = "child"  # the kind of notice of which only admins learn more than that it is there
SEALED_A_NOTICE = 3  # comments that one notice seals by itself: so many are named in earnest
SEALED_A_DAY = 20  # comments that notices seal by themselves on the whole site in 24 hours
_STAFF = (Role.MODERATOR, Role.ADMIN)


def may_read_notices(actor: Actor) -> Verdict:
    """Answer whether somebody may see which notices of law there are: moderators and admins may."""
    return may_moderate_everywhere(actor)


def may_decide_notice(actor: Actor, kind: str, *, own: bool) -> Verdict:
    """Answer whether somebody may read and decide a notice of law: moderators may, about a child only admins.

    Authors may not, also under their own articles: the law is the site's affair. `own`: it names something that this
    person wrote; then another one decides, but for admins, as about comments.
    """
    if kind == CHILD or own:
        return may_administer(actor)
    return may_moderate_everywhere(actor)


def may_see_sender(actor: Actor, kind: str, *, own: bool) -> Verdict:
    """Answer whether somebody may see who sent a notice of law: those who decide about it, never those it concerns."""
    if own:
        return no(Code.REPORTERS_NOT_SHOWN)
    return may_decide_notice(actor, kind, own=False)


def seals_unseen(status: str, writer_role: str | None, *, by_author: bool, was_kept: bool, sealed_today: int) -> bool:
    """Answer whether a notice about a child seals a comment before anybody has looked.

    It must be in public, or wait. What staff write, and authors under their own articles, is not sealed by a stranger's
    word, nor what was kept after such a notice; and not more than SEALED_A_DAY. `writer_role` is None for a guest.
    """
    if status not in (CommentStatus.PUBLISHED, CommentStatus.HELD):
        return False
    trusted = writer_role in _STAFF or by_author
    return not trusted and not was_kept and sealed_today < SEALED_A_DAY
