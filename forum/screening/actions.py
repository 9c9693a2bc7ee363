"""Keep what was learned about spam. The caller begins the write and commits."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, select

from forum.db import session
from forum.screening.models import SpamModel
from forum.screening.spam import Model


def keep_model(model: Model, moment: datetime) -> bool:
    """Put a model in force, and tell whether it is another than before; the one before goes."""
    counts = model.packed()
    before = session.scalars(select(SpamModel).order_by(SpamModel.id.desc()).limit(1)).first()
    if before is not None and before.counts == counts:
        return False
    session.execute(delete(SpamModel))
    made = SpamModel(counts=counts, spam_texts=model.spam_texts, ham_texts=model.ham_texts, created_at=moment)
    session.add(made)
    session.flush()
    return True
