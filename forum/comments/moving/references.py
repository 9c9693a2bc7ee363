"""Let everything follow that names a comment and its article, when the comment is moved to another article.

If you add a table that names both, also add it here, else it goes on naming the article of before.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, column, or_, table, update

from forum.cases.models import Case
from forum.closures.models import Closure
from forum.db import session
from forum.notifications.models import Notice

# By their names, because the rooms that have their models come later.
_BY_NAME = [table(name, column("comment_id"), column("article_id")) for name in ("bulk_cases", "legal_subjects")]
_QUIET = {"synchronize_session": False}


def follow(comments: Select[Any], article_id: int) -> None:
    """Let what is about these comments name another article; `comments` selects their ids.

    A closure of a branch among them goes along, and one of two people that was made there. A closure of a branch above
    stays; if its words were to stand at one of them, they stand at the branch's first comment now.
    """
    for one in (Case.__table__, Notice.__table__, *_BY_NAME):
        session.execute(update(one).where(one.c.comment_id.in_(comments)).values(article_id=article_id))  # type: ignore[arg-type]
    above = Closure.at_id.in_(comments), Closure.branch_id.is_not(None), Closure.branch_id.not_in(comments)
    session.execute(update(Closure).where(*above).values(at_id=Closure.branch_id), execution_options=_QUIET)
    here = Closure.at_id.in_(comments), Closure.branch_id.is_(None), Closure.person_b_id.is_(None)
    session.execute(update(Closure).where(*here).values(at_id=None), execution_options=_QUIET)
    between_two = Closure.branch_id.is_(None) & Closure.person_b_id.is_not(None) & Closure.at_id.in_(comments)
    inside = or_(Closure.branch_id.in_(comments), between_two)
    session.execute(update(Closure).where(inside).values(article_id=article_id), execution_options=_QUIET)
    session.expire_all()
