"""Read the demo's texts: an article and the talk under it per file.

A file begins with `name: value` lines and a blank one; each comment with a line like
`=== b2 to b1, maud, 3 days ago, 18:05, hidden`: its key, what it answers, its writer (or `guest Some Name`), when,
and its status where that is not published. A picture is named `drawing:NAME`, as in
`drawings.py`. Days are counted back from today, times of day are UTC.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

_HERE = Path(__file__).resolve().parent
_COMMENT = re.compile(
    r"^=== (?P<key>\w+)(?: to (?P<parent>\w+))?, (?P<writer>[^,\n]+), (?P<when>\d+ days? ago, \d\d:\d\d)"
    r"(?:, (?P<status>\w+))?$",
    re.MULTILINE,
)
_DRAWING = re.compile(r"!\[([^\]\n]*)\]\(drawing:(\w+) ")
_WHEN = re.compile(r"(\d+) days? ago, (\d\d):(\d\d)")


@dataclass(frozen=True)
class Said:
    """One comment; `ago` is counted back from the last midnight."""

    key: str
    parent: str | None
    writer: str
    ago: timedelta
    status: str
    body: str

    @property
    def guest(self) -> str | None:
        """Return a guest's name, None where a member wrote."""
        return self.writer.removeprefix("guest ") if self.writer.startswith("guest ") else None


@dataclass(frozen=True)
class Piece:
    """One article and what was said under it, in the order of the file."""

    title: str
    standfirst: str
    author: str
    published: timedelta
    updated: timedelta | None
    tags: tuple[str, ...]
    source_name: str
    source_url: str
    drawings: dict[str, str]  # what each shows, by its name
    body: str
    talk: tuple[Said, ...]


def ago(when: str) -> timedelta:
    """Return how long before the last midnight "3 days ago, 18:05" is."""
    found = _WHEN.fullmatch(when)
    if found is None:
        raise ValueError(f"not a time of the demo: {when!r}")
    days, hours, minutes = map(int, found.groups())
    return timedelta(days=days) - timedelta(hours=hours, minutes=minutes)


def pieces() -> list[Piece]:
    """Return the articles, oldest first."""
    read = [_piece(path.read_text("utf-8")) for path in (_HERE / "texts").glob("*.md")]
    return sorted(read, key=lambda piece: piece.published, reverse=True)


def page(slug: str) -> str:
    """Return the Markdown of one of the site's pages: rules, privacy or contact."""
    return (_HERE / "pages" / f"{slug}.md").read_text("utf-8")


def _piece(text: str) -> Piece:
    head, _, rest = text.partition("\n\n")
    fields = dict(line.split(": ", 1) for line in head.splitlines())
    starts = list(_COMMENT.finditer(rest))
    ends = [found.start() for found in starts] + [len(rest)]
    source_name, _, source_url = fields.get("source", "").partition(", ")
    body = rest[: ends[0]].strip()
    return Piece(
        title=fields["title"],
        standfirst=fields.get("standfirst", ""),
        author=fields["author"],
        published=ago(fields["published"]),
        updated=ago(fields["updated"]) if "updated" in fields else None,
        tags=tuple(fields["tags"].split(", ")),
        source_name=source_name,
        source_url=source_url,
        drawings={name: alt for alt, name in _DRAWING.findall(body)},
        body=body,
        talk=tuple(_said(found, rest[found.end() : end]) for found, end in zip(starts, ends[1:], strict=True)),
    )


def _said(found: re.Match[str], body: str) -> Said:
    return Said(
        key=found["key"],
        parent=found["parent"],
        writer=found["writer"],
        ago=ago(found["when"]),
        status=found["status"] or "published",
        body=body.strip(),
    )
