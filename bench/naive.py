"""A page as one writes it first: every comment an object of the ORM, and a template that calls itself.

It shows what the forum's page shows of a comment and nothing more; here to compare with, never served.
"""

from __future__ import annotations

from jinja2 import Environment
from sqlalchemy import select

from forum import db
from forum.comments.models import Comment
from forum.people.models import Person

_PAGE = Environment(autoescape=True).from_string(
    """<!doctype html><title>{{ title }}</title>
{% macro branch(comment) %}
<article id="c-{{ comment.id }}" class="comment" data-parent="{{ comment.parent_id or '' }}">
<header><a href="/people/{{ people[comment.author_id].username }}">{{ people[comment.author_id].display_name }}</a>
<a href="/comments/{{ comment.id }}"><time datetime="{{ comment.created_at.isoformat() }}">
{{- comment.created_at.strftime("%d %b %Y, %H:%M") }}</time></a></header>
<div class="body">{{ comment.html|safe }}</div>
<p class="acts"><a href="/comments/{{ comment.id }}/reply">Reply</a>
<a href="/comments/{{ comment.id }}/more">…</a></p>
{% for reply in below.get(comment.id, ()) %}{{ branch(reply) }}{% endfor %}
</article>
{% endmacro %}
{% for comment in below.get(None, ()) %}{{ branch(comment) }}{% endfor %}"""
)


def page(article_id: int) -> bytes:
    """Return an article's whole discussion."""
    written = db.session.scalars(select(Comment).where(Comment.article_id == article_id).order_by(Comment.id)).all()
    people = {person.id: person for person in db.session.scalars(select(Person))}
    below: dict[int | None, list[Comment]] = {}
    for comment in written:
        below.setdefault(comment.parent_id, []).append(comment)
    return _PAGE.render(title="naive", below=below, people=people).encode()
