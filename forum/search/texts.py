"""Read the texts that are found by search, with the words of each."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate
from typing import Any

from sqlalchemy import select

from forum.articles.lists import out
from forum.articles.models import Article
from forum.comments.models import Comment
from forum.db import session
from forum.policy import CommentStatus
from forum.search.words import terms
from forum.text.words import plain


@dataclass(frozen=True)
class Text:
    """One text that everybody may read; `raw` is all that its terms follow from."""

    comment_id: int | None
    article_id: int | None
    at: datetime
    raw: tuple[str, ...]
    terms: frozenset[str]

    @property
    def words(self) -> str:
        """Return the terms as the index gets them."""
        return " ".join(sorted(self.terms))


# The columns of an article that are searched.
WORDS = (
    Article.title,
    Article.source_name,
    Article.standfirst,
    Article.foreword_html,
    Article.html,
    Article.afterword_html,
)
LETTERS = 250_000  # of the terms of one text: PostgreSQL takes a megabyte, and a letter has up to four bytes
Texts = dict[tuple[int | None, int | None], Text]


def words_of(article: Any) -> tuple[str, str]:
    """Return the title of an article with what it is quoted from, and its words, from the columns `WORDS`."""
    blocks = (plain(html) for html in (article.foreword_html, article.html, article.afterword_html))
    return f"{article.title} {article.source_name}".rstrip(), " ".join([article.standfirst, *blocks]).strip()


def of_article(article_id: int) -> str:
    """Return the term that all of an article have: itself and its comments. No word has such a sign."""
    return f"=a{article_id}"


def of_person(person_id: int) -> str:
    """Return the term of all that somebody wrote."""
    return f"=p{person_id}"


def read(comments: Collection[int], articles: Collection[int], moment: datetime, known: Texts | None = None) -> Texts:
    """Return those texts that are published, by (comment, article); the terms of `known` ones where nothing changed."""
    known, found = known or {}, Texts()
    stands = select(Comment.id, Comment.created_at, Comment.article_id, Comment.author_id, Comment.html).where(
        Comment.id.in_(comments), Comment.status == CommentStatus.PUBLISHED
    )
    for id, at, article_id, author_id, html in session.execute(stands) if comments else ():
        marks = [of_article(article_id), *([of_person(author_id)] if author_id else [])]
        found[id, None] = _text(id, None, at, (html, *marks), known)
    published = select(Article.id, Article.published_at, Article.author_id, *WORDS).where(Article.id.in_(articles))
    for row in session.execute(published.where(out(moment))) if articles else ():
        raw = (*words_of(row), of_article(row.id), of_person(row.author_id))
        found[None, row.id] = _text(None, row.id, row.published_at, raw, known)
    return found


def _text(comment_id: int | None, article_id: int | None, at: datetime, raw: tuple[str, ...], known: Texts) -> Text:
    before = known.get((comment_id, article_id))
    if before and before.raw == raw:
        return Text(comment_id, article_id, at, raw, before.terms)
    texts, marks = (raw[:2], raw[2:]) if article_id else ((plain(raw[0]),), raw[1:])
    *title, words = map(terms, texts)
    return Text(comment_id, article_id, at, raw, frozenset(_fitting(words).union(*title, marks)))


def _fitting(words: set[str]) -> set[str]:
    """Return those words that there is room for: all but the longest of a whole library."""
    if sum(map(len, words)) <= LETTERS:
        return words
    ordered = sorted(words, key=lambda word: (len(word), word))
    return {word for word, letters in zip(ordered, accumulate(map(len, ordered)), strict=True) if letters <= LETTERS}
