"""Make a text of articles and their discussions for reading and for other programs: Markdown (CommonMark).

It shows what every reader of the site sees, no more. A comment is a quotation as deep as its column on the page, so a
long exchange of two stays one column here, too.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator

from forum.articles.queries import ArticleView
from forum.text.as_markdown import as_markdown, escaped
from forum.text.pictures import served
from forum.transfer.out import discussion, published
from forum.transfer.out.discussion import Drawn
from forum.transfer.out.scope import Export
from forum.transfer.out.words import in_words

END = (
    "\x1e"  # stands behind each comment of those that are drawn at once; no text has it, for it is a control character
)


def chunks(export: Export) -> Generator[bytes, None, None]:
    """Yield the file piece by piece. A whole site is what is published by now; a single article may be a draft."""
    connection, draw = export.connection, export.draw
    base = published.site(connection).url.rstrip("/")
    if part := in_words(connection, export.scope):
        yield f"{escaped(part)}\n\n".encode()
    for article in published.articles(connection, export.scope):
        closures = published.closures(connection, article.id)
        closed = next((closure for closure in closures if closure.whole_article), None)
        head = {
            "article": article,
            "text": served(as_markdown(article.html), base),
            "closed": closed,
            "escaped": escaped,
        }
        if article.source_url:
            around = {"foreword": article.foreword_html, "afterword": article.afterword_html}
            head |= {name: served(as_markdown(html), base) for name, html in around.items()}
        yield draw("transfer/archive/article.txt", whole=not export.scope.chooses_comments, **head).encode()
        for pieces in discussion.drawn(export, article, closures):
            yield "".join(_lines(export, article, pieces)).encode()
        yield b"\n"


def _lines(export: Export, article: ArticleView, pieces: list[Drawn]) -> Iterator[str]:
    rows = [row for piece in pieces for row in piece.rows]
    texts = ["" if row.frame else as_markdown(row.html) for row in rows]
    values = {"rows": zip(rows, texts, strict=True), "since": article.published_at, "escaped": escaped, "end": END}
    drawn = iter(export.draw("transfer/archive/comments.txt", **values).split(END))
    for piece in pieces:
        if piece.begins:
            yield f"\n### {piece.root.number}\n"
        for row in piece.rows:
            mark = "> " * row.level
            # An empty line ends a quotation, else the next comment would be taken for a part of it.
            yield "\n" + "".join(f"{mark}{line}".rstrip() + "\n" for line in next(drawn).strip("\n").split("\n"))
