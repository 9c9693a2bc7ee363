"""Read an export of WordPress (WXR 1.0 to 1.2), as a stream, into records like those of our own archive.

No entity, no document type, no tree in memory: a parser target sees one element after the other. Of `wp:postmeta` only
three plain values are taken (`META`), serialised PHP never; addresses of mail and network are never kept.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from typing import IO, Any
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import XMLParser
from flask_babel import format_decimal
from flask_babel import gettext as _

from forum.errors import Invalid
from forum.text.pictures import Picture
from forum.transfer.into.staging import Contents, Staging
from forum.transfer.into.wxr import values
from forum.transfer.into.wxr.addresses import is_address, joined, spelled
from forum.transfer.into.wxr.attachments import Attachments, has_gallery
from forum.transfer.into.wxr.mending import mended
from forum.transfer.into.wxr.uploads import Uploads
from forum.transfer.lines import Record
from forum.transfer.report import Findings

WP = re.compile(r"https?://(?:www\.)?wordpress\.org/export/1\.[0-2]/\}")
NAMESPACES = (
    (WP, "wp:"),
    (re.compile(r"http://purl\.org/rss/1\.0/modules/content/\}"), "content:"),
    (re.compile(r"https?://(?:www\.)?wordpress\.org/export/1\.[0-2]/excerpt/\}"), "excerpt:"),
    (re.compile(r"http://purl\.org/dc/elements/1\.1/\}"), "dc:"),
)
VERSIONS = ("1.0", "1.1", "1.2")
LONGEST_META, ROOM = 1000, 10_000  # characters of a value, and of all addresses that an item had before
DEEPEST = 64  # elements within elements; an export has five
MOST_NAMES, LONGEST_NAME = 500, 200  # of elements, and characters of one, that are remembered; an export has fifty
LONGEST = 8_000_000  # characters of one text; also bytes without an end of a tag
ARTICLE_TYPES = ("post", "page")
STATES = {"publish": "published", "": "published"} | dict.fromkeys(("draft", "future", "pending"), "draft")
# Exports of other systems give no state and no type.
IN_THE_BIN = ("trash", "auto-draft")  # any other state is one that few could see
APPROVED = {"1": "published", "approve": "published", "approved": "published", "0": "held", "hold": "held"} | {
    "spam": "spam",
    "trash": "hidden",
    "post-trashed": "hidden",
}
# Values of an item that WordPress keeps beside it: a lead picture, what a picture shows, addresses it had before.
OLD_SLUG = "_wp_old_slug"  # of these an item may have many
META = ("_thumbnail_id", "_wp_attachment_image_alt", OLD_SLUG)
# What is taken of each element; everything else is passed over unread.
WANTED = {
    "channel": {"title", "link", "wp:wxr_version", "wp:base_site_url", "wp:base_blog_url"},
    "wp:author": {"wp:author_id", "wp:author_login", "wp:author_display_name"},
    "item": {"title", "link", "guid", "pubDate", "dc:creator", "content:encoded", "excerpt:encoded", "category"}
    | {f"wp:{name}" for name in ("post_id", "post_date", "post_date_gmt", "post_name", "status", "post_type")}
    | {"wp:post_password", "wp:comment_status", "wp:attachment_url", "wp:post_parent", "wp:menu_order"},
    "wp:postmeta": {"wp:meta_key", "wp:meta_value"},
    "wp:comment": {f"wp:comment_{name}" for name in ("id", "author", "date", "date_gmt", "content", "approved")}
    | {f"wp:comment_{name}" for name in ("type", "parent", "user_id")},
}
# The elements around each of these, from the outermost, and it itself.
PLACES = {"channel": ["rss", "channel"], "wp:author": ["rss", "channel", "wp:author"]}
PLACES |= {"item": ["rss", "channel", "item"]}
PLACES |= {name: [*PLACES["item"], name] for name in ("wp:comment", "wp:postmeta")}


def read(file: IO[bytes], staging: Staging, uploads: Uploads | None = None) -> Contents:
    """Read an export of WordPress. Raises Invalid, with the line where there is one, where the file is not one.

    `uploads` has the pictures of the blog; without it a picture becomes a link.
    """
    reader = Reader(staging.add, uploads)
    parse(file, reader)
    return Contents(reader.origin, False, found=reader.found)


def parse(file: IO[bytes], reader: Reader) -> None:
    """Feed a file through the parser. Raises Invalid, with the line, where it is no sound export."""
    parser = XMLParser(target=reader, forbid_dtd=True, forbid_entities=True, forbid_external=True)
    reader.listen(parser.parser)
    fed = 0
    try:
        for piece in mended(file, reader.found):
            fed += len(piece.encode())
            parser.feed(piece)
            if fed - parser.parser.CurrentByteIndex > LONGEST:
                raise _wrong(_("Line %(line)s: this tag has no end.", line=parser.parser.CurrentLineNumber))
        parser.close()
    except ParseError as error:
        line = error.position[0]
        if not reader.is_whole:
            fault = str(error).split(":")[0].removeprefix("not well-formed ").strip("()")
            raise _wrong(
                _(
                    "Line %(line)s: this is not well-formed XML (%(fault)s). An export of WordPress is XML. "
                    "Is this the right file?",
                    line=line,
                    fault=fault,
                )
            ) from error
        reader.found.note("mended-around", example=f"line {line}")
    except DefusedXmlException as error:
        line = parser.parser.CurrentLineNumber
        raise _wrong(
            _("Line %(line)s: an export has no document type and no entities of its own.", line=line)
        ) from error
    except (UnicodeError, LookupError) as error:  # an encoding nobody knows
        raise _wrong(_("This file is in an encoding that cannot be read. Save it as UTF-8.")) from error
    reader.finish()


class Reader:
    """The parser's target: it collects the fields of one element, and makes a record of them where the element ends."""

    def __init__(self, keep: Callable[[Record], None], uploads: Uploads | None = None) -> None:
        self._uploads = uploads
        self.found = Findings()
        self.is_whole = False  # the outermost element has ended
        self._keep = keep
        self._names: dict[str, str] = {}  # of the elements that are there so far
        self._path: list[str] = []
        self._texts: list[str] | None = None
        self._length = 0
        self._attributes: dict[str, str] = {}
        self._fields: dict[str, dict[str, str]] = {name: {} for name in WANTED}
        self._tags: dict[str, str] = {}  # of the item: address -> name
        self._all_tags: set[str] = set()
        self._logins: set[str] = set()
        self._users: dict[str, str] = {}  # number -> login
        self._shared: set[str] = set()  # numbers that two people have
        self._creators: dict[str, None] = {}
        self._numbers: dict[str, dict[str, str]] = {"article": {}, "comment": {}}  # type -> number -> digest
        self._said: dict[str, set[str]] = {"article": set(), "comment": set()}  # type -> what was kept
        self._attachments = Attachments()
        self._waiting: list[tuple[int, dict[str, str], dict[str, str], str, str]] = []  # with pictures that come later
        self._items = 0
        self._comments = 0  # of the item
        self._is_export = False

    @property
    def origin(self) -> str:
        """Return a value by which exports of this blog differ from those of others."""
        name = spelled(self._address) or self._fields["channel"].get("title", "").strip()
        return "wxr:" + hashlib.sha256(name.encode()).hexdigest()[:16]

    @property
    def _address(self) -> str:
        channel = self._fields["channel"]
        names = ("link", "wp:base_blog_url", "wp:base_site_url")
        return next((channel[name].strip() for name in names if is_address(channel.get(name, ""))), "")

    def listen(self, parser: Any) -> None:
        """Let expat itself call: ElementTree, in between, takes as long for an element as all that is done here."""
        parser.ordered_attributes = False
        parser.StartElementHandler, parser.EndElementHandler = self.start, self.end
        parser.CharacterDataHandler, parser.DefaultHandlerExpand = self.data, None

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """Take note of an element that begins."""
        name = self._names.get(tag) or self._name(tag)
        parent = self._path[-1] if self._path else ""
        self._path.append(name)
        if len(self._path) > DEEPEST:
            raise _wrong(_("%(n)s elements within each other: this is no export of WordPress.", n=DEEPEST))
        if not parent and name != "rss":
            raise _wrong(_("This is not an export of WordPress: it does not begin with <rss>."))
        self._texts = [] if name in WANTED.get(parent, ()) and self._path[:-1] == PLACES[parent] else None
        self._length = 0
        self._attributes = attributes
        if name == "item":
            self._items += 1
            self._comments = 0
            self._tags = {}
        if name in self._fields and name != "channel":
            self._fields[name] = {}

    def data(self, text: str) -> None:
        """Take a piece of text, if it is of an element that is wanted."""
        if self._texts is None:
            return
        self._length += len(text)
        if self._length > LONGEST:
            raise _wrong(_("One text has more than %(n)s characters.", n=format_decimal(LONGEST)))
        self._texts.append(text)

    def end(self, _tag: str) -> None:
        """Take note of an element that ends."""
        name = self._path.pop()
        self.is_whole = not self._path
        if self._texts is not None:
            self._field(self._path[-1], name, "".join(self._texts))
            self._texts = None
        elif name == "wp:author" and self._path[-1:] == ["channel"]:
            self._author()
        elif name == "wp:comment" and self._path[-1:] == ["item"]:
            self._comment()
        elif name == "wp:postmeta" and self._path[-1:] == ["item"]:
            self._meta()
        elif name == "item" and self._path[-1:] == ["channel"]:
            self._item()

    def close(self) -> None:
        """Do nothing: `finish` is called when the whole file was fed."""

    def finish(self) -> None:
        """Check what is known only at the end, and add the authors who are not listed. Raises Invalid."""
        version = self._fields["channel"].get("wp:wxr_version")
        if not self._is_export:
            raise _wrong(_("This is not an export of WordPress: nothing in it is of WordPress's own."))
        # Some exports lack the number; their namespace says it all the same. A number that is none is another matter.
        if version is not None and version.strip() not in VERSIONS:
            said = repr(version.strip()[:20])
            raise _wrong(_("This export says it is of version %(version)s; 1.0 to 1.2 can be read.", version=said))
        for number, fields, tags, status, title in self._waiting:
            self._items, self._tags = number, tags
            self._article(fields, status, title)
        for login in self._creators:
            if login not in self._logins:
                self._keep(values.person(login, "", None))

    def _name(self, tag: str) -> str:
        """Return a name with the usual prefix of its namespace; of an unknown namespace it keeps all of that."""
        self._is_export = self._is_export or WP.match(tag) is not None
        name = tag
        for namespace, prefix in NAMESPACES:
            if found := namespace.match(tag):
                name = prefix + tag[found.end() :]
                break
        if len(self._names) < MOST_NAMES and len(tag) < LONGEST_NAME:
            self._names[tag] = name
        return name

    def _field(self, parent: str, name: str, text: str) -> None:
        if name == "category":
            self._tag(text)
        else:
            self._fields[parent].setdefault(name, text)  # the first counts, whatever a plugin adds

    def _tag(self, text: str) -> None:
        if self._attributes.get("domain", "category") in ("category", "post_tag", "tag"):
            slug, name = values.tag(self._attributes.get("nicename", ""), text)
            if slug:
                self._tags.setdefault(slug, name)
            else:
                self.found.note("tags", example=name)

    def _author(self) -> None:
        fields = self._fields["wp:author"]
        login = values.login(fields.get("wp:author_login", ""))
        if not login or login in self._logins:
            return
        self._logins.add(login)
        person = values.person(login, fields.get("wp:author_display_name", ""), fields.get("wp:author_id"))
        if person["also"] and self._users.setdefault(person["also"], login) != login:
            self._shared.add(person["also"])
        self._keep(person)

    def _meta(self) -> None:
        fields, item = self._fields["wp:postmeta"], self._fields["item"]
        key, value = fields.get("wp:meta_key", "").strip(), fields.get("wp:meta_value", "").strip()
        before = item.get(key, "")
        if key not in META or (before and key != OLD_SLUG):
            return  # the first counts, as of every field
        if len(value) <= LONGEST_META and len(before) + len(value) <= ROOM:
            item[key] = f"{before}\n{value}" if before else value
        else:
            self.found.note("addresses-before", int(key == OLD_SLUG), value[:80])

    def _item(self) -> None:
        fields = self._fields["item"]
        kind, status = fields.get("wp:post_type", "").strip(), fields.get("wp:status", "").strip()
        title = values.words(fields.get("title", ""))
        self._attachments.take(fields, title, values.words(fields.get("_wp_attachment_image_alt", "")))
        if kind not in ARTICLE_TYPES and not self._comments:
            self.found.note("other-items", example=title)
        elif status in IN_THE_BIN:
            self.found.note("binned", example=title)
        else:
            self.found.note("other-kinds", int(kind not in ("", *ARTICLE_TYPES)), title)
            self.found.note("private", int(status not in STATES), title)
            state = STATES.get(status, "draft")
            if has_gallery(fields.get("content:encoded", "")) or self._awaits_lead(fields):
                self._waiting.append((self._items, fields, self._tags, state, title))
            else:
                self._article(fields, state, title)

    def _article(self, fields: dict[str, str], status: str, title: str) -> None:
        creator = values.login(fields.get("dc:creator", ""))
        if creator:
            self._creators[creator] = None
        if status == "published" and fields.get("wp:post_password"):
            # To publish what stood behind a password would betray it.
            status = "draft"
            self.found.note("protected", example=title)
        for slug, name in self._tags.items():
            if slug not in self._all_tags:
                self._all_tags.add(slug)
                self._keep({"type": "tag", "id": None, "key": slug, "slug": slug, "name": name})
        gallery = self._attachments.of(fields.get("wp:post_id", "").strip())
        base, tags = self._base(fields), list(self._tags)
        record = values.article(fields, self._key(), creator, status, tags, base, self._find, gallery)
        record |= self._lead(fields.get("_thumbnail_id", ""), title)
        self._put(record, title)
        if fields.get("wp:comment_status", "").strip() == "closed":
            self._keep(values.closing(record, _("This discussion was closed on the old site.")))

    def _comment(self) -> None:
        fields = self._fields["wp:comment"]
        kind = fields.get("wp:comment_type", "").strip()
        approved = fields.get("wp:comment_approved", "").strip()
        if kind in ("pingback", "trackback"):
            self.found.note("pings")
        elif kind not in ("", "comment"):
            self.found.note("no-comments", example=kind)
        else:
            self._comments += 1
            base = self._base(self._fields["item"])
            record = values.comment(fields, self._key(), APPROVED.get(approved, "held"), base)
            if record["author"] in self._shared:  # whose words these are nobody can tell by the number
                record["author"] = None
                self.found.note("shared-numbers", example=record["guest"])
            self._put(record, f"{record['guest']}, {record['number']}")
            if record["status"] in ("hidden", "spam"):
                self._keep(values.removal(record, _("Removed on the old site.")))

    def _put(self, record: Record, name: str) -> None:
        """Keep an article or a comment under its number, or where another has that number, under one of its own."""
        numbers, number, digest = self._numbers[record["type"]], record.pop("number")[:80], record.pop("digest")
        for code, count in record.pop("changed").items():
            self.found.note(code, count, name)
        record["other_id"] = f"{number}-{digest}"
        record["foreign_id"] = number if number and self._address else record["other_id"]
        first = numbers.setdefault(number or digest, digest)
        if first != digest:
            record["foreign_id"] = record["other_id"]
            record["key"] = record["key"] if record["type"] == "article" else f"{record['key'][:80]} {digest}"
        said = self._said[record["type"]]
        if record["foreign_id"] in said:
            self.found.note("twice", example=name)
        elif first != digest:
            self.found.note("numbers", example=name)
        said.add(record["foreign_id"])
        self._keep(record)

    def _awaits_lead(self, fields: dict[str, str]) -> bool:
        number = fields.get("_thumbnail_id", "")
        return self._uploads is not None and bool(number) and self._attachments.get(number) is None

    def _lead(self, number: str, title: str) -> Record:
        one = self._attachments.get(number)
        found = self._find(one.address) if one else None
        if one and isinstance(found, Picture):
            return {"lead": found.name, "lead_alt": one.words}
        self.found.note("leads", int(number.strip("0").isdigit()), title)
        return {}

    def _find(self, address: str) -> Picture | str:
        return self._uploads.find(address, self._address) if self._uploads else "pictures"

    def _base(self, item: dict[str, str]) -> str:
        return joined(self._address, item.get("link", "")) or self._address

    def _key(self) -> str:
        # Where an item stands in the file: its own number may come after its comments, or be missing.
        return f"item {self._items}"


def _wrong(message: str) -> Any:
    return Invalid({"file": message})
