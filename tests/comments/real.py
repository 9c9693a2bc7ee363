"""Pour a real thread of ../shared/data/threads into an article: who wrote what, and as an answer to what."""

from __future__ import annotations

import json
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import bindparam, update

from forum import db
from forum.articles.models import Article
from forum.comments.models import Comment
from forum.text.rendering import render
from tests.comments.talk import pour
from tests.factories import save, unsaved_person


class Said(NamedTuple):
    """One comment of a real thread; `parent` is None where it answers nothing that is there."""

    id: str
    parent: str | None
    author: str
    html: str


def read(path: Path) -> list[Said]:
    """Read the comments of a file, each behind what it answers. Headings are no comments."""
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    left = {row["id"]: row for row in rows if not row.get("heading")}
    found: dict[str, Said] = {}
    while left:
        ready = [row for row in left.values() if row["parent"] not in left]
        assert ready, "they answer each other in a circle"
        for row in ready:
            parent = row["parent"] if row["parent"] in found else None
            html = render(row["html"], "html") if "html" in row else render(row.get("body") or row.get("text") or "")
            found[row["id"]] = Said(row["id"], parent, row.get("author") or "somebody", html)
            del left[row["id"]]
    return list(found.values())


def pour_real(article: Article, said: list[Said]) -> dict[int, int | None]:
    """Write a real thread under an article; return whom each comment answers, by id."""
    db.lock()
    writers = {name: unsaved_person(name) for name in sorted({one.author for one in said})}
    save(*writers.values())
    db.commit()
    at = {one.id: number for number, one in enumerate(said)}
    ids = pour(article, list(writers.values()), [None if one.parent is None else at[one.parent] for one in said])
    rows = [
        {"comment": id, "author": writers[one.author].id, "text": one.html} for id, one in zip(ids, said, strict=True)
    ]
    db.lock(article.id)
    comments = Comment.__table__
    own = update(comments).where(comments.c.id == bindparam("comment"))
    db.session.connection().execute(own.values(author_id=bindparam("author"), html=bindparam("text")), rows)
    db.commit()
    return {id: None if one.parent is None else ids[at[one.parent]] for id, one in zip(ids, said, strict=True)}
