"""Read what was learned about spam."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache

from sqlalchemy import select

from forum.db import session
from forum.screening.models import SpamModel
from forum.screening.spam import Model

_NEWEST = select(SpamModel.id, SpamModel.created_at).order_by(SpamModel.id.desc()).limit(1)


def score(html: str) -> float:
    """Return how probably a cleaned text is spam, from 0 to 1, as this site's decisions taught; 0 before they did."""
    newest = session.execute(_NEWEST).one_or_none()
    return _model(*newest).score(html) if newest else 0.0


@lru_cache(maxsize=1)  # a model takes 256 kB and is read once in each process
def _model(id: int, made: datetime) -> Model:
    """Return a model. `made` tells it from one of the same id, from before a backup was restored."""
    row = session.get_one(SpamModel, id)
    return Model.unpacked(row.counts, row.spam_texts, row.ham_texts)
