"""Make a text of articles and their discussions for reading and for other programs: Markdown (CommonMark).

It shows what every reader of the site sees, no more. A comment is a quotation as deep as its column on the page, so a
long exchange of two stays one column here, too.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator

from sqlalchemy import Connection

from forum.articles.queries import ArticleView
from forum.comments.reading.row import Row
from forum.text.as_markdown import as_markdown, escaped
from forum.transfer.out import published
from forum.transfer.out.html import Draw
from forum.transfer.out.scope import Scope

ROWS = 1000  # read at once


def chunks(connection: Connection, scope: Scope, draw: Draw) -> Generator[bytes, None, None]:
    """Yield the file piece by piece. A whole site is what is published by now; a single article may be a draft."""
    for article in published.articles(connection, scope):
        closures = published.closures(connection, article.id)
        closed = next((closure for closure in closures if closure.whole_article), None)
        head = {"article": article, "text": as_markdown(article.html), "closed": closed, "escaped": escaped}
        if article.source_url:
            head |= {"foreword": as_markdown(article.foreword_html), "afterword": as_markdown(article.afterword_html)}
        yield draw("transfer/archive/article.txt", **head).encode()
        for root in published.roots(connection, article.id):
            yield f"\n### {root.number}\n".encode()
            for part in published.rows(connection, article, root, closures, ROWS):
                yield "".join(_comments(article, part, draw)).encode()
        yield b"\n"


def _comments(article: ArticleView, part: list[Row], draw: Draw) -> Iterator[str]:
    for row in part:
        text = "" if row.frame else as_markdown(row.html)
        drawn = draw("transfer/archive/comment.txt", row=row, text=text, since=article.published_at, escaped=escaped)
        mark = "> " * row.level
        # An empty line ends a quotation, else the next comment would be taken for a part of it.
        yield "\n" + "".join(f"{mark}{line}".rstrip() + "\n" for line in drawn.strip("\n").split("\n"))
