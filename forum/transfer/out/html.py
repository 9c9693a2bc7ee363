"""Make the archive for reading: one HTML file that looks like the page, with nothing to load and nothing that runs.

It shows what every reader of the site sees, no more. Pictures stand in it, as wide as a column. Some threads are drawn
at once, or a part of a long one. Its last lines name the log's newest entry.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from forum.articles.queries import ArticleView
from forum.site.colours import stylesheet
from forum.text.pictures import embedded, named
from forum.text.rendering import stored
from forum.transfer.out import discussion, published
from forum.transfer.out.scope import Draw, Export
from forum.transfer.out.words import in_words

STYLE = Path(__file__).parents[2] / "static" / "forum.css"


def chunks(export: Export) -> Generator[bytes, None, None]:
    """Yield the file piece by piece. A whole site is what is published by now; a single article may be a draft."""
    connection, scope, draw = export.connection, export.scope, export.draw
    site = published.site(connection)
    yield _drawn(draw, "head", language=site.language.replace("_", "-"))
    yield f"<style>\n{_style(site.accent)}</style>\n".encode()
    title = published.heading(connection, scope)
    yield _drawn(draw, "begin", name=title, tagline=site.tagline, part=in_words(connection, scope))
    if scope.article_id is None:
        yield _drawn(draw, "contents_begin")
        for listed in published.titles(connection, scope):
            yield _drawn(draw, "contents_item", article=listed, whole=not scope.chooses_comments)
        yield _drawn(draw, "contents_end")
    for article in published.articles(connection, scope):
        yield from _article(export, article)
    yield _drawn(draw, "end", head=scope.head)


def _article(export: Export, article: ArticleView) -> Iterator[bytes]:
    closures = published.closures(export.connection, article.id)
    closed = next((closure for closure in closures if closure.whole_article), None)
    files, lead = published.pictures(export.connection, article), named(article.lead)
    shown = replace(
        article,
        html=stored(embedded(article.html, files)),
        foreword_html=stored(embedded(article.foreword_html, files)),
        afterword_html=stored(embedded(article.afterword_html, files)),
    )
    about: dict[str, Any] = {"closed": closed, "whole": not export.scope.chooses_comments}
    about["lead"] = files.get(lead.hash, "") if lead and lead.hash not in article.html else ""
    yield _drawn(export.draw, "article", article=shown, **about)
    for pieces in discussion.drawn(export, article, closures):
        yield _drawn(export.draw, "threads", article=article, pieces=pieces, since=article.published_at)
    yield _drawn(export.draw, "article_end")


def _drawn(draw: Draw, piece: str, **values: Any) -> bytes:
    return (draw(f"transfer/archive/_{piece}.html", archive=True, **values) + "\n").encode()


def _style(accent: str) -> str:
    own = STYLE.read_text("utf-8") + (stylesheet(accent) if accent else "")
    return own.replace("</", "<\\/")
