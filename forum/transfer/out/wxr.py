"""Make an export as WordPress makes one (WXR 1.2), for its importer and for those of others.

It shows what every reader of the site sees, no more. Every comment names the one it answers, however deep: WordPress
draws fewer levels than that, and keeps the number all the same. What is gone, but has replies, goes out without name
and text, as from WordPress's bin, so that its replies keep what they answer. Authors of articles go out as users, all
others by their names, for WordPress would make each of them an account. No address of mail or network goes out.
Sources: wp-admin/includes/export.php, and the wordpress-importer plugin's parsers.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Generator, Iterator
from datetime import UTC, datetime
from email.utils import format_datetime
from xml.sax.saxutils import escape

from sqlalchemy import Connection

from forum.articles.queries import ArticleView
from forum.comments.reading.page_rows import Read
from forum.comments.reading.thread import frame_of, name_of
from forum.text.pictures import Picture, absolute, named
from forum.transfer.out import discussion, published
from forum.transfer.out.published import Writer
from forum.transfer.out.scope import Export

NEVER = "0000-00-00 00:00:00"
# XML 1.0, 2.2: these characters are in no document, however they are written.
_NO_XML = re.compile(r"[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# A template, for there are as many as there are comments. What stands in it without _cdata is a number or a moment.
_COMMENT = """<wp:comment>
<wp:comment_id><![CDATA[%d]]></wp:comment_id>
<wp:comment_author>%s</wp:comment_author>
<wp:comment_author_email></wp:comment_author_email>
<wp:comment_author_url></wp:comment_author_url>
<wp:comment_author_IP></wp:comment_author_IP>
<wp:comment_date><![CDATA[%s]]></wp:comment_date>
<wp:comment_date_gmt><![CDATA[%s]]></wp:comment_date_gmt>
<wp:comment_content>%s</wp:comment_content>
<wp:comment_approved><![CDATA[%s]]></wp:comment_approved>
<wp:comment_type><![CDATA[comment]]></wp:comment_type>
<wp:comment_parent><![CDATA[%d]]></wp:comment_parent>
<wp:comment_user_id><![CDATA[%d]]></wp:comment_user_id>
</wp:comment>
"""
HEAD = """<?xml version="1.0" encoding="UTF-8" ?>
<rss version="2.0"
 xmlns:excerpt="http://wordpress.org/export/1.2/excerpt/"
 xmlns:content="http://purl.org/rss/1.0/modules/content/"
 xmlns:wfw="http://wellformedweb.org/CommentAPI/"
 xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:wp="http://wordpress.org/export/1.2/">
<channel>
"""


def chunks(export: Export) -> Generator[bytes, None, None]:
    """Yield the file piece by piece. A whole site is what is published by now; a single article may be a draft."""
    connection, scope = export.connection, export.scope
    site = published.site(connection)
    base = site.url.rstrip("/")
    authors = list(published.writers(connection, scope))
    yield HEAD.encode()
    yield _fields(
        ("title", site.name),
        *(("link", base), ("description", site.tagline), ("language", site.language.replace("_", "-"))),
        *(("wp:wxr_version", "1.2"), ("wp:base_site_url", base), ("wp:base_blog_url", base)),
    )
    for author in authors:
        yield _element("wp:author", _author(author))
    users = {author.username: author.id for author in authors}
    numbers = itertools.count(published.last_number(connection) + 1)  # of pictures, which are items as articles are
    for article in published.articles(connection, scope):
        lead = named(article.lead)
        number = next(numbers) if lead else 0
        yield b"<item>\n" + _article(article, base, _is_closed(connection, article.id))
        yield _meta("_thumbnail_id", str(number)) if lead else b""
        yield from _discussion(export, article.id, users)
        yield b"</item>\n"
        if lead:
            yield _element("item", _attachment(article, lead, number, base))
    yield b"</channel>\n</rss>\n"


def _discussion(export: Export, article_id: int, users: dict[str, int]) -> Iterator[bytes]:
    written: set[int] = set()  # of the present thread
    for pieces in discussion.pieces(export, article_id):
        for piece in pieces:
            written = set() if piece.begins else written
            rows = discussion.chosen(export, piece)
            written.update(row.id for row in rows)
            yield "".join(_comment(row, users, written) for row in rows).encode()


def _author(author: Writer) -> bytes:
    return _fields(
        ("wp:author_id", str(author.id)),
        *(("wp:author_login", author.username), ("wp:author_email", ""), ("wp:author_display_name", author.name)),
    )


def _article(article: ArticleView, base: str, is_closed: bool) -> bytes:
    address, moment = f"{base}/articles/{article.slug}", article.published_at
    own = _fields(
        *(("title", article.title), ("link", address), ("pubDate", format_datetime(moment) if moment else "")),
        *(("dc:creator", article.author_username), ("guid", address), ("description", "")),
        *(
            ("content:encoded", absolute(_text(article), base)),
            ("excerpt:encoded", article.standfirst),
            ("wp:post_id", str(article.id)),
        ),
        *(("wp:post_date", _date(moment)), ("wp:post_date_gmt", _date(moment)), ("wp:post_name", article.slug)),
        *(("wp:comment_status", "closed" if is_closed else "open"), ("wp:ping_status", "closed")),
        *(("wp:status", "publish" if article.is_out else "draft"), ("wp:post_parent", "0"), ("wp:menu_order", "0")),
        *(("wp:post_type", "post"), ("wp:post_password", ""), ("wp:is_sticky", "0")),
    )
    tags = (
        f'<category domain="post_tag" nicename="{tag.slug}">{_cdata(tag.name)}</category>\n' for tag in article.tags
    )
    return own + "".join(tags).encode()


def _attachment(article: ArticleView, lead: Picture, number: int, base: str) -> bytes:
    """Return an article's lead picture as the item that its importer fetches and shows above the article."""
    address, moment = base + lead.file(lead.width), _date(article.published_at)
    own = _fields(
        *(("title", lead.name), ("link", address), ("dc:creator", article.author_username), ("guid", address)),
        *(("content:encoded", ""), ("excerpt:encoded", ""), ("wp:post_id", str(number)), ("wp:post_date", moment)),
        *(("wp:post_date_gmt", moment), ("wp:post_name", lead.name), ("wp:comment_status", "closed")),
        *(("wp:ping_status", "closed"), ("wp:status", "inherit"), ("wp:post_parent", str(article.id))),
        *(("wp:menu_order", "0"), ("wp:post_type", "attachment"), ("wp:post_password", ""), ("wp:is_sticky", "0")),
        ("wp:attachment_url", address),
    )
    return own + _meta("_wp_attachment_image_alt", article.lead_alt)


def _meta(key: str, value: str) -> bytes:
    return _element("wp:postmeta", _fields(("wp:meta_key", key), ("wp:meta_value", value)))


def _text(article: ArticleView) -> str:
    """Return the text; of a quoted piece with the author's words and its source, for which WordPress has no fields."""
    if not article.source_url:
        return str(article.html)
    source = f'<a href="{escape(article.source_url, {chr(34): "&quot;"})}">{escape(article.source_name)}</a>'
    quoted = f"<blockquote>{article.html}</blockquote>\n<p>{source}</p>"
    return "\n".join(filter(None, (article.foreword_html, quoted, article.afterword_html)))


def _comment(row: Read, users: dict[str, int], written: set[int]) -> str:
    """Return a comment. One that answers what is not in the file begins a thread: elsewhere the number is another's."""
    frame, moment = frame_of(row.status), _date(row.created_at)
    name, text, state = ("", "", "trash") if frame else (_cdata(name_of(row)), _cdata(row.html), "1")
    user = 0 if frame else users.get(row.username or "", 0)
    parent_id = row.parent_id if row.parent_id in written else 0
    return _COMMENT % (row.id, name, moment, moment, text, state, parent_id, user)


def _is_closed(connection: Connection, article_id: int) -> bool:
    return any(closure.whole_article for closure in published.closures(connection, article_id))


def _date(moment: datetime | None) -> str:
    return moment.astimezone(UTC).isoformat(" ", "seconds")[:19] if moment else NEVER


def _fields(*fields: tuple[str, str]) -> bytes:
    return "".join(f"<{name}>{_cdata(value)}</{name}>\n" for name, value in fields).encode()


def _element(name: str, content: bytes) -> bytes:
    return b"<%s>\n%s</%s>\n" % (name.encode(), content, name.encode())


def _cdata(value: str) -> str:
    text = _NO_XML.sub("", value)
    return f"<![CDATA[{text.replace(']]>', ']]]]><![CDATA[>')}]]>" if text else ""
