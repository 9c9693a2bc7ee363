"""The rules of Atom that a feed must keep, read off a document: RFC 4287 (sections given), RFC 4685, RFC 6721."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element

from defusedxml.ElementTree import fromstring

ATOM, THR = "{http://www.w3.org/2005/Atom}", "{http://purl.org/syndication/thread/1.0}"
AT = "{http://purl.org/atompub/tombstones/1.0}"
ONCE_IN_FEED = ("id", "title", "updated")
ONCE_IN_ENTRY = ("id", "title", "updated")
AT_MOST_ONCE = ("subtitle", "generator", "icon", "logo", "rights", "content", "published", "summary", "source")
IN_FEED = {"author", "category", "contributor", "generator", "icon", "id", "link", "logo", "rights", "subtitle"}
IN_FEED |= {"title", "updated", "entry"}
IN_ENTRY = {"author", "category", "content", "contributor", "id", "link", "published", "rights", "source", "summary"}
IN_ENTRY |= {"title", "updated"}
# The schema of RFC 4287, appendix B: which attributes an element has beside xml:lang and xml:base, and which must.
COMMON = {"{http://www.w3.org/XML/1998/namespace}lang", "{http://www.w3.org/XML/1998/namespace}base"}
ATTRIBUTES: dict[str, tuple[set[str], set[str]]] = {
    f"{ATOM}link": ({"href", "rel", "type", "hreflang", "title", "length"}, {"href"}),
    f"{ATOM}category": ({"term", "scheme", "label"}, {"term"}),
    f"{ATOM}content": ({"type", "src"}, set()),
    **{f"{ATOM}{name}": ({"type"}, set()) for name in ("title", "subtitle", "summary", "rights")},
    **{f"{ATOM}{name}": (set(), set()) for name in ("feed", "entry", "id", "updated", "published", "author", "name")},
    **{f"{ATOM}{name}": (set(), set()) for name in ("uri", "email")},
    f"{THR}in-reply-to": ({"ref", "href", "type", "source"}, {"ref"}),  # RFC 4685, section 3
    f"{AT}deleted-entry": ({"ref", "when"}, {"ref", "when"}),  # RFC 6721, section 3
}
IN_PERSON = {"name": 1, "uri": 0, "email": 0}  # how often each must be there; none may be there twice
HOLDING = {f"{ATOM}feed", f"{ATOM}entry", f"{ATOM}author"}  # elements that hold elements and no text of their own
CONSTRUCTS = {f"{ATOM}{name}" for name in ("title", "subtitle", "summary")}
TYPES = {"text", "html", "xhtml"}  # of a text construct; ours are the first two, which hold no elements
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
TAG = re.compile(r"tag:[a-z0-9.-]+,\d{4}(-\d\d){0,2}:[A-Za-z0-9/_.~-]+")  # RFC 4151, the part of it that we use


def broken(body: bytes) -> list[str]:
    """Return the rules that a document breaks, in words; empty for a valid feed."""
    return list(_broken(fromstring(body)))


def _broken(feed: Element) -> Iterator[str]:
    if feed.tag != f"{ATOM}feed":
        yield "2: the root is no feed"
    yield from _schema(feed)
    yield from _children(feed, IN_FEED, ONCE_IN_FEED, "4.1.1")
    seen = set()
    for entry in feed.iterfind(f"{ATOM}entry"):
        yield from _entry(entry)
        name = entry.findtext(f"{ATOM}id")
        if name in seen:
            yield f"4.1.1: {name} comes twice"
        seen.add(name)
    if not [link for link in feed.iterfind(f"{ATOM}link") if link.get("rel") == "self"]:
        yield "4.1.1: no link to itself"
    for gone in feed.iterfind(f"{AT}deleted-entry"):
        if not TAG.fullmatch(gone.get("ref", "")) or not _moment(gone.get("when", "")):
            yield "RFC 6721, 3: a deleted entry without its name or its moment"
        if gone.get("ref") in seen:
            yield "RFC 6721: an entry is there and deleted"


def _schema(root: Element) -> Iterator[str]:
    """Yield what the schema forbids: elements and attributes it does not know, text between elements, persons."""
    for element in root.iter():
        may, must = ATTRIBUTES.get(element.tag, (set(), set()))
        if element.tag not in ATTRIBUTES:
            yield f"B: there is no element {element.tag}"
        elif not must <= set(element.keys()) <= may | COMMON:
            yield f"B: {element.tag} has the attributes {sorted(element.keys())}"
        if element.tag in HOLDING:
            if any((text or "").strip() for text in (element.text, *(child.tail for child in element))):
                yield f"B: text between the elements of {element.tag}"
        elif len(element):
            yield f"B: elements inside {element.tag}"
        if element.tag in CONSTRUCTS and element.get("type", "text") not in TYPES:
            yield f"3.1.1: a {element.tag} of type {element.get('type')}"
    for person in root.iter(f"{ATOM}author"):
        for name, least in IN_PERSON.items():
            if not least <= len(person.findall(f"{ATOM}{name}")) <= 1:
                yield f"3.2: {name} of a person"


def _children(element: Element, known: set[str], once: tuple[str, ...], section: str) -> Iterator[str]:
    for child in element:
        if child.tag.startswith(ATOM) and child.tag.removeprefix(ATOM) not in known:
            yield f"{section}: {child.tag} does not belong there"
    for name in once:
        if len(element.findall(f"{ATOM}{name}")) != 1:
            yield f"{section}: not exactly one {name}"
    for name in AT_MOST_ONCE:
        if len(element.findall(f"{ATOM}{name}")) > 1:
            yield f"{section}: more than one {name}"
    if not TAG.fullmatch(element.findtext(f"{ATOM}id") or ""):
        yield "4.2.6: the id is no tag URI"
    for name in ("updated", "published"):
        if (text := element.findtext(f"{ATOM}{name}")) is not None and not _moment(text):
            yield f"3.3: {text} is no moment"
    yield from _links(element)
    for category in element.iterfind(f"{ATOM}category"):
        if not category.get("term"):
            yield "4.2.2: a category without a term"
    for person in element.iterfind(f"{ATOM}author"):
        if len(person.findall(f"{ATOM}name")) != 1 or not (person.findtext(f"{ATOM}name") or "").strip():
            yield "3.2.1: an author without exactly one name"


def _links(element: Element) -> Iterator[str]:
    alternates = []
    for link in element.iterfind(f"{ATOM}link"):
        try:
            urlsplit(link.get("href", ""))
        except ValueError:
            yield "4.2.7.1: a link to no address"
        if not link.get("href") or any(char in link.get("href", "") for char in ' <>"\n'):
            yield "4.2.7.1: a link without a proper address"
        if link.get("rel", "alternate") == "alternate":
            alternates.append((link.get("type"), link.get("hreflang")))
    if len(alternates) != len(set(alternates)):
        yield "4.1: two alternates of one kind"


def _entry(entry: Element) -> Iterator[str]:
    yield from _children(entry, IN_ENTRY, ONCE_IN_ENTRY, "4.1.2")
    if not entry.findall(f"{ATOM}author"):
        yield "4.1.2: no author"
    content = entry.find(f"{ATOM}content")
    if content is None:
        if not [link for link in entry.iterfind(f"{ATOM}link") if link.get("rel", "alternate") == "alternate"]:
            yield "4.1.2: neither content nor an alternate"
    elif content.get("type") != "html" or len(content):
        yield "4.1.3.3: content that is no HTML in a text"
    for answer in entry.iterfind(f"{THR}in-reply-to"):
        if not TAG.fullmatch(answer.get("ref", "")) or not answer.get("href"):
            yield "RFC 4685, 3: an answer to nothing"


def _moment(text: str) -> bool:
    if not MOMENT.fullmatch(text):
        return False
    return datetime.fromisoformat(text.replace("Z", "+00:00")).tzinfo is not None
