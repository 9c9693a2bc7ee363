"""What the writers of the demo share: the day it is, who and what exists by now, and what the log is to say."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from forum.articles.models import Article
from forum.comments.models import Comment
from forum.people.models import Person


@dataclass(frozen=True)
class Deed:
    """One act for the log; `facts` are what `ledger.actions.record` takes."""

    act: str
    at: datetime
    facts: dict[str, Any]


@dataclass(frozen=True)
class Story:
    """The demo as far as it is written: people by sign-in name, articles by title, comments by key."""

    midnight: datetime
    people: dict[str, Person] = field(default_factory=dict)
    articles: dict[str, Article] = field(default_factory=dict)
    comments: dict[str, Comment] = field(default_factory=dict)
    deeds: list[Deed] = field(default_factory=list)

    def at(self, ago: timedelta) -> datetime:
        """Return the moment that was this long before the last midnight."""
        return self.midnight - ago

    def did(self, act: str, at: datetime, **facts: Any) -> None:
        """Note an act for the log, which is written at the end and in the order of time."""
        self.deeds.append(Deed(act, at, facts))
