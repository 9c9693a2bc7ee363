"""Keep what is typed into the form of an article before it is saved.

It is no act: only its author and admins see it, it stands in no log and in no archive, and saving ends it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

from flask_babel import format_decimal
from flask_babel import gettext as _

from forum import policy
from forum.acting import lock_as
from forum.articles.models import Article, ArticleChanges
from forum.clock import now
from forum.db import session
from forum.errors import Conflict, Invalid, NotFound
from forum.policy import Actor

MOST = 260_000  # characters: the longest text with all that stands beside it


class TextChanged(Conflict):
    """The refusal to save over a text that was saved by another person since this form was opened."""


def require_seen(article: Article, seen: str | None) -> None:
    """Raise TextChanged where an article's words, or what is kept beside them, are not those that a form began from."""
    changes = session.get(ArticleChanges, article.id)
    if seen is not None and seen != article.mark + (changes.mark if changes else ""):
        raise TextChanged(_("Somebody saved another version of this article while you were writing."))


def keep_changes(actor: Actor, article_id: int, fields: Mapping[str, str], seen: str | None = None) -> str:
    """Keep what is typed so far, and return the mark that the form has seen then. Raises TextChanged and Invalid."""
    if sum(map(len, fields.values())) > MOST:
        raise Invalid({"body": _("Please write a text of up to %(number)s characters.", number=format_decimal(MOST))})
    actor, article = _locked(actor, article_id)
    require_seen(article, seen)
    typed = json.dumps(dict(fields), sort_keys=True)
    changes = session.get(ArticleChanges, article_id) or ArticleChanges(article_id=article_id)
    changes.fields, changes.person_id, changes.saved_at = dict(fields), actor.id, now()
    changes.mark = hashlib.sha256(typed.encode()).hexdigest()[:16]
    session.add(changes)
    session.flush()
    return article.mark + changes.mark


def drop_changes(actor: Actor, article_id: int) -> None:
    """Forget what was typed and not saved."""
    _actor, article = _locked(actor, article_id)
    forget(article.id)


def forget(article_id: int) -> None:
    """Forget what is kept beside an article that is locked."""
    changes = session.get(ArticleChanges, article_id)
    if changes is not None:
        session.delete(changes)
        session.flush()


def refuse_kept(article_id: int) -> None:
    """Raise Conflict where something is kept beside an article that is locked."""
    if session.get(ArticleChanges, article_id) is not None:
        raise Conflict(
            _("Something was typed into this article and is not saved. Save it or go back to what is saved first.")
        )


def _locked(actor: Actor, article_id: int) -> tuple[Actor, Article]:
    # Not the site, as where an article changes: no page that readers see becomes another one.
    actor = lock_as(actor, article_id)
    article = session.get(Article, article_id)
    if article is None or not policy.may_read_article(actor, article, now()):
        raise NotFound()
    policy.may_edit_article(actor, article).require()
    return actor, article
