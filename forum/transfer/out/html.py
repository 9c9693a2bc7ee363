"""Make the archive for reading: one HTML file that looks like the page, with nothing to load and nothing that runs.

It shows what every reader of the site sees, no more. Pictures stand in it, as wide as a column. Rows are drawn a
thousand at a time, however long a thread is. Its last lines name the log's newest entry.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from forum.articles.queries import ArticleView
from forum.site.colours import stylesheet
from forum.text.pictures import embedded, named
from forum.text.rendering import stored
from forum.transfer.out import published
from forum.transfer.out.scope import Scope

ROWS = 1000  # drawn at once
STYLE = Path(__file__).parents[2] / "static" / "forum.css"
Draw = Callable[..., str]  # (template, **values) -> text; the caller knows the templates


def chunks(connection: Connection, scope: Scope, draw: Draw) -> Generator[bytes, None, None]:
    """Yield the file piece by piece. A whole site is what is published by now; a single article may be a draft."""
    site = published.site(connection)
    yield _drawn(draw, "head", language=site.language.replace("_", "-"))
    yield f"<style>\n{_style(site.accent)}</style>\n".encode()
    title = published.only_title(connection, scope)
    yield _drawn(draw, "begin", name=title or site.name, tagline=site.tagline)
    if scope.article_id is None:
        yield _drawn(draw, "contents_begin")
        yield from (_drawn(draw, "contents_item", article=title) for title in published.titles(connection, scope))
        yield _drawn(draw, "contents_end")
    for article in published.articles(connection, scope):
        yield from _article(connection, article, draw)
    yield _drawn(draw, "end", head=scope.head)


def _article(connection: Connection, article: ArticleView, draw: Draw) -> Iterator[bytes]:
    closures = published.closures(connection, article.id)
    whole = next((closure for closure in closures if closure.whole_article), None)
    files, lead = published.pictures(connection, article), named(article.lead)
    shown = replace(
        article,
        html=stored(embedded(article.html, files)),
        foreword_html=stored(embedded(article.foreword_html, files)),
        afterword_html=stored(embedded(article.afterword_html, files)),
    )
    at_head = files.get(lead.hash, "") if lead and lead.hash not in article.html else ""
    yield _drawn(draw, "article", article=shown, closed=whole, lead=at_head)
    for root in published.roots(connection, article.id):
        yield _drawn(draw, "thread_begin", article=article, root=root)
        for part in published.rows(connection, article, root, closures, ROWS):
            yield _drawn(draw, "rows", rows=part, since=article.published_at)
        yield _drawn(draw, "thread_end")
    yield _drawn(draw, "article_end")


def _drawn(draw: Draw, piece: str, **values: Any) -> bytes:
    return (draw(f"transfer/archive/_{piece}.html", archive=True, **values) + "\n").encode()


def _style(accent: str) -> str:
    own = STYLE.read_text("utf-8") + (stylesheet(accent) if accent else "")
    return own.replace("</", "<\\/")
