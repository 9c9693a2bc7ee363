"""Read the rules, the privacy page and the contact page."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from markupsafe import Markup
from sqlalchemy import select
from sqlalchemy.orm import joinedload, load_only

from forum.db import session
from forum.site.models import Document
from forum.site.queries.settings import site
from forum.site.starters import SLUGS, starter
from forum.text import rendering
from forum.text.words import plain

_ITEM = re.compile(r"^ {0,3}([0-9]{1,3})[.)]\s+(\S.*)$", re.MULTILINE)
_SENTENCE = re.compile(r"(?<=[.!?])\s+")


@dataclass(frozen=True)
class DocumentView:
    """The version of a document that is in force. `created_at` is None for a starter that was never changed."""

    slug: str
    source: str
    html: Markup
    is_starter: bool
    created_at: datetime | None


@dataclass(frozen=True)
class VersionRow:
    """One dated version in the list of versions. `by` is empty where no person is recorded."""

    id: int
    created_at: datetime
    by: str
    is_starter: bool


@dataclass(frozen=True)
class Rule:
    """One numbered rule, as reasons cite it. `text` is its first sentence."""

    number: int
    text: str


def document(slug: str) -> DocumentView | None:
    """Return the newest version of a document, the starter where there is none, None for an unknown slug."""
    if slug not in SLUGS:
        return None
    query = select(Document.source, Document.html, Document.is_starter, Document.created_at)
    row = session.execute(query.where(Document.slug == slug).order_by(Document.id.desc()).limit(1)).one_or_none()
    if row is None:
        source = starter(slug, site().language)
        return DocumentView(slug, source, rendering.stored(_drawn(source)), True, None)
    return DocumentView(slug, row.source, rendering.stored(row.html), row.is_starter, row.created_at)


def is_reachable(contact: str) -> bool:
    """Tell whether the contact page leads anywhere: it has an address (`contact`), or a text of the site's own."""
    if contact:
        return True
    page = document("contact")
    return page is not None and not page.is_starter


def versions(slug: str) -> list[VersionRow]:
    """Return every version of a document, newest first."""
    columns = load_only(Document.created_at, Document.is_starter, Document.person_id)
    query = select(Document).options(columns, joinedload(Document.person))
    found = session.scalars(query.where(Document.slug == slug).order_by(Document.id.desc()))
    return [
        VersionRow(row.id, row.created_at, row.person.display_name if row.person else "", row.is_starter)
        for row in found
    ]


def version(slug: str, version_id: int) -> DocumentView | None:
    """Return one version of a document."""
    query = select(Document).where(Document.slug == slug, Document.id == version_id)
    found = session.execute(query).scalar_one_or_none()
    if found is None:
        return None
    return DocumentView(slug, found.source, rendering.stored(found.html), found.is_starter, found.created_at)


def rules() -> list[Rule]:
    """Return the numbered items of the rules in force."""
    found = document("rules")
    return list(_numbered(found.source)) if found else []


@lru_cache(maxsize=8)
def _numbered(source: str) -> tuple[Rule, ...]:
    found: list[Rule] = []
    for typed, line in _ITEM.findall(source):
        last = found[-1].number if found else 0
        # Markdown numbers a list typed as 1. 1. 1. with 1. 2. 3. We do the same.
        number = int(typed) if int(typed) > last else last + 1
        words = plain(rendering.render(line))
        found.append(Rule(number, _SENTENCE.split(words, maxsplit=1)[0][:200]))
    return tuple(found)


@lru_cache(maxsize=len(SLUGS))
def _drawn(starter: str) -> str:
    return rendering.render(starter, article=True)
