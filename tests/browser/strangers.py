"""A site on which strangers wrote every word, past the checks of all forms.

Each column that holds words gets attacks, in each of its rows another one. So a new column, and a page that shows it,
is tried as soon as it is there. A column that holds only what the program or a form gave its shape is named here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import JSON, Column, String, Table, inspect, select, text, update

from forum import db
from forum.articles.models import Article
from forum.clock import now
from forum.comments.ending import actions as closing
from forum.comments.ending.request import Ending
from forum.comments.writing import actions as comments
from forum.moderation import actions as moderation
from forum.people.models import Person
from forum.people.queries import viewer_of
from forum.policy import Actor
from forum.search.actions import index_some
from forum.site.models import Document, Site
from forum.text.rendering import render
from tests import factories
from tests.test_access import Stage

# Columns of these names, or just these columns, hold no words: a kind, an address that a form checks, a hash.
FORMED = {
    "accent", "act", "cause", "closes_for", "data", "decision", "details_hash", "email", "failed", "foreign_id",
    "foreign_parent_id", "format", "guest_email", "hash", "held_reason", "key", "kind", "language", "lead",
    "logo_hash", "mail_when", "mark", "media_type", "network", "origin", "outcome", "password_hash", "post_key",
    "purpose", "queue", "reference", "reporter", "role", "salt", "sign_up", "slug", "source_url", "state", "status",
    "subject", "timezone", "token_hash", "url", "username", "who_may_comment",
    "bulk_cases.why", "bulks.rule", "decisions.before", "flags.reason", "legal_notices.before", "one_time_links.note",
}  # fmt: skip
# What JSON has under these names was typed; `notices.by` and the like are kinds.
NAMED = {
    "afterword", "body", "foreword", "former_names", "hold_words", "label", "name", "note", "other", "reason", "rule",
    "standfirst", "tagline", "tags", "text", "title", "words",
}  # fmt: skip
ITEMS = 40  # rules of the site


def crowd(stage: Stage, size: int) -> None:
    """Add so many people, and of each an article, a tag, and a comment: ended, with an answer, and one removed."""
    db.lock()
    for person in db.session.scalars(select(Person)):
        person.former_names = ["Somebody"]
    site = db.session.get_one(Site, 1)
    site.hold_words, site.footer_links = ["word"], [{"label": "About us", "url": "https://paper.example/"}]
    db.session.add_all(Document(slug=slug, source="1. Be kind.", html="") for slug in ("rules", "privacy", "contact"))
    db.commit()
    quill, tom = (_actor(stage.cast_ids[name]) for name in ("quill", "tom"))
    article = db.session.scalars(select(Article).where(Article.slug == str(stage.ids["slug"]))).one()
    rude = []
    for number in range(size):
        person = factories.person(f"Stranger {number}", "author")
        own = factories.article(person, f"Own {number}")
        factories.tag(f"tag-{number}", article, own)
        first = comments.post(_actor(person.id), article.id, f"What stranger {number} says.").id
        comments.post(tom, article.id, f"To stranger {number}.", parent_id=first)
        rude.append(comments.post(tom, article.id, f"Something rude to stranger {number}.", parent_id=first).id)
        moderation.flag(_actor(person.id), int(str(stage.ids["comment"])), "abuse", "Look at this.")
        closing.close_branch(quill, first, Ending(words="That is enough.", staff_may=True))
        db.commit()
    for comment in rude:
        moderation.decide(quill, comment, "hide", "1", "It is rude.")
        db.commit()


def write(stage: Stage, attacks: Sequence[str]) -> None:
    """Give the rows of each column the attacks in turn."""
    db.lock()
    for name in ("update", "delete", "insert"):
        db.session.execute(text(f"DROP TRIGGER IF EXISTS ledger_entries_{name}_refused"))
    for table in Person.metadata.sorted_tables:
        columns = [column for column in table.columns if _holds_words(column)]
        if columns:
            _write_table(table, columns, lambda at: attacks[at % len(attacks)])
    _write_documents(attacks[:ITEMS])
    db.commit()
    while index_some(now()):
        db.commit()
    db.commit()
    db.session.remove()


def _actor(person_id: int) -> Actor:
    found = viewer_of(person_id)
    assert found
    return found


def _holds_words(column: Column[Any]) -> bool:
    known = {column.name, f"{column.table.name}.{column.name}"} & FORMED
    return isinstance(column.type, JSON | String) and not known


def _write_table(table: Table, columns: Sequence[Column[Any]], attack: Callable[[int], str]) -> None:
    keys = list(inspect(table).primary_key)
    for at, row in enumerate(db.session.execute(select(table).order_by(*keys)).all()):
        values = {column.name: _made(column, row._mapping[column], attack(at)) for column in columns}
        here = [key == row._mapping[key] for key in keys]
        db.session.execute(update(table).where(*here).values(values))


def _made(column: Column[Any], before: Any, attack: str) -> Any:
    """Return what a column gets instead of what it had: the attack, or what the product makes of it."""
    if isinstance(column.type, JSON):
        return _typed(before, attack, column.name)
    if column.name.endswith("html"):
        article = column.table.name == "articles"
        return render(attack, article=article) + render(attack, "html", article=article)
    return attack


def _typed(value: Any, attack: str, name: str = "") -> Any:
    if isinstance(value, dict):
        return {key: _typed(one, attack, key) for key, one in value.items()}
    if isinstance(value, list):
        return [_typed(one, attack, name) for one in value]
    return attack if isinstance(value, str) and name in NAMED else value


def _write_documents(attacks: Sequence[str]) -> None:
    lines = [f"{number}. {' '.join(attack.split())}" for number, attack in enumerate(attacks, 1)]
    source = "\n".join(lines)
    both = render(source, article=True) + "".join(render(attack, "html", article=True) for attack in attacks)
    db.session.execute(update(Document).values(source=source, html=both))
