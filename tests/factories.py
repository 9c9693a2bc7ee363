"""Typed factories: a person, an article, a comment, each committed, with defaults a test need not care about."""

from __future__ import annotations

import itertools
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from forum import db
from forum.articles.models import Article, Tag
from forum.cases import actions as cases
from forum.clock import now
from forum.people.models import NameKey, Person, TagModerator
from forum.text.rendering import render

_numbers = itertools.count(1)


def person(name: str = "", role: str = "reader", **values: Any) -> Person:
    """Make somebody in good standing, without a password."""
    db.lock()
    made = new_person(name, role, **values)
    db.commit()
    return made


def new_person(name: str = "", role: str = "reader", **values: Any) -> Person:
    """Make somebody inside `db.lock()`."""
    made = unsaved_person(name, role, **values)
    save(made)
    return made


def unsaved_person(name: str = "", role: str = "reader", **values: Any) -> Person:
    """Return somebody who is not in the database yet."""
    name = name or f"Person {next(_numbers)}"
    username = name.lower().replace(" ", "-")
    return Person(username=username, display_name=name, role=role, **{"approved_at": now(), **values})


def save(*people: Person) -> None:
    """Put people into the database at once, inside `db.lock()`."""
    db.session.add_all(people)
    db.session.flush()
    for one in people:
        db.session.add(NameKey(key=f"test {one.username}", person_id=one.id))
        if one.approved_at is None and one.deactivated_at is None:
            cases.open_account(one.id, one.created_at)


def article(author: Person, title: str = "", body: str = "Something to argue about.", **values: Any) -> Article:
    """Make a published article."""
    db.lock()
    made = new_article(author, title, body, **values)
    db.commit()
    return made


def new_article(author: Person, title: str = "", body: str = "Something to argue about.", **values: Any) -> Article:
    """Make a published article inside `db.lock()`."""
    title = title or f"Article {next(_numbers)}"
    defaults: dict[str, Any] = {
        "slug": title.lower().replace(" ", "-"),
        "status": "published",
        "published_at": now() - timedelta(days=1),
    }
    made = Article(
        title=title, author_id=author.id, source=body, html=render(body, article=True), **{**defaults, **values}
    )
    db.session.add(made)
    return made


def tag(slug: str, *articles: Article) -> Tag:
    """Make a tag, or take the one there is, and give it to articles."""
    db.lock()
    made = db.session.scalar(select(Tag).where(Tag.slug == slug)) or Tag(slug=slug, name=slug.capitalize())
    db.session.add(made)
    for one in articles:
        one.tags.append(made)
    db.commit()
    return made


def moderates(person: Person, *tags: Tag) -> None:
    """Let somebody moderate in tags."""
    db.lock()
    db.session.add_all(TagModerator(person_id=person.id, tag_id=tag.id) for tag in tags)
    db.commit()
