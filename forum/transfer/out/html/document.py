"""Make the archive for reading: one HTML file that looks like the page, with nothing to load and nothing that runs.

It shows what every reader of the site sees, no more. Rows are drawn a thousand at a time, however long a thread is.
Its last lines name the log's newest entry.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from forum.articles.queries import ArticleView
from forum.comments.reading import thread
from forum.comments.reading.page_rows import Root
from forum.comments.reading.thread import Row
from forum.comments.tree import Above
from forum.site.colours import stylesheet
from forum.transfer.out.html import queries
from forum.transfer.out.scope import Scope

ROWS = 1000  # drawn at once
STYLE = Path(__file__).parents[3] / "static" / "forum.css"
Draw = Callable[..., str]  # (template, **values) -> text; the caller knows the templates


def chunks(connection: Connection, scope: Scope, draw: Draw) -> Generator[bytes, None, None]:
    """Yield the file piece by piece. A whole site is what is published by now; a single article may be a draft."""
    site = queries.site(connection)
    yield _drawn(draw, "head", language=site.language.replace("_", "-"))
    yield f"<style>\n{_style(site.accent)}</style>\n".encode()
    title = queries.only_title(connection, scope)
    yield _drawn(draw, "begin", name=title or site.name, tagline=site.tagline)
    if scope.article_id is None:
        yield _drawn(draw, "contents_begin")
        yield from (_drawn(draw, "contents_item", article=title) for title in queries.titles(connection, scope))
        yield _drawn(draw, "contents_end")
    for article in queries.articles(connection, scope):
        yield from _article(connection, article, draw)
    yield _drawn(draw, "end", head=scope.head)


def _article(connection: Connection, article: ArticleView, draw: Draw) -> Iterator[bytes]:
    closures = queries.closures(connection, article.id)
    whole = next((closure for closure in closures if closure.whole_article), None)
    yield _drawn(draw, "article", article=article, closed=whole)
    for root in queries.roots(connection, article.id):
        yield _drawn(draw, "thread_begin", article=article, root=root)
        for part in _thread(connection, article, root, closures):
            yield _drawn(draw, "rows", rows=part, since=article.published_at)
        yield _drawn(draw, "thread_end")
    yield _drawn(draw, "article_end")


def _thread(connection: Connection, article: ArticleView, root: Root, closures: Any) -> Iterator[list[Row]]:
    """Yield a thread's rows as the page draws them; the rows above a part carry over from the part before."""
    open_rows: list[list[int]] = []  # from the thread's first comment down: id, level, replies, replies seen
    done = 0
    for part in queries.thread(connection, article.id, root.id, ROWS):
        done += len(part)
        _leave(open_rows, part[0].parent_id)
        above = [Above(*row) for row in open_rows]
        parents = queries.parents(connection, part)
        made = thread.rows_of(article, part, parents, closures, above=above, cut=done < root.size)
        for row in made:
            _leave(open_rows, row.parent_id)
            if open_rows:
                open_rows[-1][3] += 1
            open_rows.append([row.id, row.level, row.reply_count, 0])
        yield made


def _leave(open_rows: list[list[int]], parent_id: int | None) -> None:
    while open_rows and open_rows[-1][0] != parent_id:
        open_rows.pop()


def _drawn(draw: Draw, piece: str, **values: Any) -> bytes:
    return (draw(f"transfer/archive/_{piece}.html", archive=True, **values) + "\n").encode()


def _style(accent: str) -> str:
    own = STYLE.read_text("utf-8") + (stylesheet(accent) if accent else "")
    return own.replace("</", "<\\/")
