"""Choose the lead picture of an article."""

from __future__ import annotations

from flask_babel import gettext as _

from forum.articles.actions.writing import locked_by, show_pictures
from forum.articles.models import Article
from forum.clock import now
from forum.db import session
from forum.errors import Invalid
from forum.ledger.actions import record
from forum.pictures.queries import known
from forum.policy import Actor
from forum.text.pictures import named


def set_lead(actor: Actor, article_id: int, name: str) -> Article:
    """Choose the lead picture of an article by its name; an empty one takes it away."""
    actor, article = locked_by(actor, article_id)
    if name == article.lead:
        return article
    picture, before = named(name), article.lead
    if name and picture is None:
        raise Invalid({"lead": _("This is no picture of this site.")})
    found = known([picture.hash]) if picture else {}
    article.lead = picture.name if picture else ""
    article.lead_alt = found[picture.hash].alt if picture and picture.hash in found else ""
    session.flush()
    show_pictures(actor, article, "lead")
    details = {"before": before, "after": article.lead}
    record("article.lead", now(), actor_id=actor.id, article_id=article.id, details=details)
    return article
