"""A feed as an Atom document: RFC 4287, with what answers what (RFC 4685) and what is gone (RFC 6721)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from xml.etree.ElementTree import Element

from forum.feeds.xml_text import child, document, legal, moment

TYPE = "application/atom+xml"
# Element names are written with their prefixes: ElementTree's own table of prefixes is one for the whole process.
NAMESPACES = {
    "xmlns": "http://www.w3.org/2005/Atom",
    "xmlns:thr": "http://purl.org/syndication/thread/1.0",
    "xmlns:at": "http://purl.org/atompub/tombstones/1.0",
}


@dataclass(frozen=True)
class Answered:
    """What a comment answers: its name and its address."""

    name: str
    address: str


@dataclass(frozen=True)
class Entry:
    """One article or comment. `html` is the whole, `summary` what stands before it or for it."""

    name: str
    title: str
    address: str
    author: str
    author_address: str  # empty for a guest
    published: datetime
    updated: datetime
    html: str = ""
    summary: str = ""
    subjects: tuple[tuple[str, str], ...] = ()  # slug and name
    picture: str = ""  # where its lead picture is served
    source: str = ""  # where the whole of a quoted piece stands
    replies: str = ""  # the feed of its discussion
    answers: Answered | None = None


@dataclass(frozen=True)
class Gone:
    """An entry that the feed may have had, and has no more; `when` is not before it was last changed."""

    name: str
    when: datetime


@dataclass(frozen=True)
class Feed:
    """A feed: what it is of, and its entries, newest first. `since` is its date while it has none."""

    name: str
    title: str
    subtitle: str
    language: str
    page: str  # the page for people
    address: str  # its own
    since: datetime
    entries: Sequence[Entry] = ()
    gone: Sequence[Gone] = ()

    @property
    def updated(self) -> datetime:
        """Return when anything in it last changed."""
        moments = [*(entry.updated for entry in self.entries), *(gone.when for gone in self.gone)]
        return max(moments, default=self.since)


def written(feed: Feed) -> bytes:
    """Return a feed as an Atom document."""
    root = Element("feed", {**NAMESPACES, "xml:lang": legal(feed.language)})
    child(root, "id", feed.name)
    child(root, "title", feed.title)
    if feed.subtitle:
        child(root, "subtitle", feed.subtitle)
    child(root, "updated", moment(feed.updated))
    child(root, "link", rel="self", type=TYPE, href=feed.address)
    child(root, "link", rel="alternate", type="text/html", href=feed.page)
    for entry in feed.entries:
        _entry(root, entry)
    for gone in feed.gone:
        child(root, "at:deleted-entry", ref=gone.name, when=moment(gone.when))
    return document(root)


def _entry(root: Element, entry: Entry) -> None:
    made = child(root, "entry")
    child(made, "id", entry.name)
    child(made, "title", entry.title)
    child(made, "published", moment(entry.published))
    child(made, "updated", moment(entry.updated))
    author = child(made, "author")
    child(author, "name", entry.author)
    if entry.author_address:
        child(author, "uri", entry.author_address)
    child(made, "link", rel="alternate", type="text/html", href=entry.address)
    if entry.picture:
        child(made, "link", rel="enclosure", type="image/webp", href=entry.picture)
    if entry.source:
        child(made, "link", rel="via", href=entry.source)
    if entry.replies:
        # Without a count of them: the feed of articles would be another one after each comment.
        child(made, "link", rel="replies", type=TYPE, href=entry.replies)
    if entry.answers:
        child(made, "thr:in-reply-to", ref=entry.answers.name, type="text/html", href=entry.answers.address)
    for slug, name in entry.subjects:
        child(made, "category", term=slug, label=name)
    if entry.summary:
        child(made, "summary", entry.summary)
    if entry.html:
        child(made, "content", entry.html, type="html")
