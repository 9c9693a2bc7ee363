"""Pictures in a text: how it names one of this site, and the HTML that shows it.

An article names a picture as `![what it shows](/pictures/HASH-1600x1067 "caption")`. The size stands in the name, so
that a text is drawn without asking the database, and a page keeps its place while the picture loads.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from markdown_it.token import Token

WIDTHS = (480, 960, 1600)  # pixels: a phone, the column of an article, the same on a fine screen
SIZES = "(max-width: 46rem) 100vw, 42rem"  # how wide the column is: `--measure` of forum.css
_HASH = "[0-9a-f]{32}"
_NAME = re.compile(rf"(?:/pictures/)?({_HASH})-([1-9][0-9]{{0,3}})x([1-9][0-9]{{0,3}})")
_FILE = re.compile(rf"/pictures/({_HASH})-([1-9][0-9]{{0,3}})\.webp")
_IN_MARKDOWN = re.compile(rf"\]\(/pictures/({_HASH})-([1-9][0-9]{{0,3}})x[1-9][0-9]{{0,3}}(?=[ )])")
_SPECIAL = re.compile(r"([\\`*_\[\]<>&~|\"])")
# As `rendering` writes it: attributes in double quotation marks, none of these inside them.
_IMG = re.compile(r'<img (?:[a-z]+="[^"<]*" ?)*>')
_IN_IMG = re.compile(r' (src|width|height)="([^"]*)"')
_OWN = re.compile(rf'(?<=[" ])/pictures/(?={_HASH}-)')


@dataclass(frozen=True)
class Picture:
    """A stored picture: its hash, and the size of its largest file."""

    hash: str
    width: int
    height: int

    @property
    def name(self) -> str:
        """Return what a text calls it."""
        return f"{self.hash}-{self.width}x{self.height}"

    @property
    def widths(self) -> list[int]:
        """Return the widths in which it is stored: never more than it has."""
        return widths_of(self.width)

    @property
    def attributes(self) -> dict[str, str]:
        """Return the attributes of its element, but for the alternative text."""
        return {
            "src": self.file(self.width),
            "width": str(self.width),
            "height": str(self.height),
            "srcset": ", ".join(f"{self.file(width)} {width}w" for width in self.widths),
            "sizes": SIZES,
            "loading": "lazy",
            "decoding": "async",
        }

    def file(self, width: int) -> str:
        """Return where it is served in one of its widths."""
        return f"/pictures/{self.hash}-{width}.webp"

    def up_to(self, width: int) -> int:
        """Return its largest width of at most so many pixels, or else its smallest."""
        return max((one for one in self.widths if one <= width), default=self.widths[0])

    def at_most(self, width: int) -> str:
        """Return where its file of that width is served."""
        return self.file(self.up_to(width))

    def markdown(self, alt: str, caption: str = "") -> str:
        """Return the line of a text that shows it."""
        title = f' "{_escaped(caption)}"' if caption else ""
        return f"![{_escaped(alt)}](/pictures/{self.name}{title})"

    def html(self, alt: str, caption: str = "") -> str:
        """Return the same for a text in HTML, to be cleaned as every other."""
        below = f"<figcaption>{html.escape(caption, quote=False)}</figcaption>" if caption else ""
        return f"<figure>{self.img(alt)}{below}</figure>"

    def img(self, alt: str) -> str:
        """Return the element alone, to be cleaned likewise."""
        place = f'src="{self.file(self.width)}" width="{self.width}" height="{self.height}"'
        return f'<img {place} alt="{html.escape(alt)}">'


def widths_of(width: int) -> list[int]:
    """Return in which widths a picture is stored whose largest file has this one."""
    return [*(one for one in WIDTHS if one < width), width]


def named(name: str) -> Picture | None:
    """Return the picture that a text names, None where it names none of this site."""
    found = _NAME.fullmatch(name)
    return Picture(found[1], int(found[2]), int(found[3])) if found else None


def shown(attributes: Mapping[str, str]) -> Picture | None:
    """Return the picture that an <img> shows, None where it shows none of this site in its true size."""
    found = _FILE.fullmatch(attributes.get("src", ""))
    if found is None or attributes.get("width") != found[2]:
        return None
    return named(f"{found[1]}-{found[2]}x{attributes.get('height', '')}")


def pictures_in(cleaned: str) -> list[Picture]:
    """Return the pictures that cleaned HTML shows, each once, in their order."""
    found = (shown(dict(_IN_IMG.findall(img))) for img in _IMG.findall(cleaned))
    return list(dict.fromkeys(filter(None, found)))


def shown_by(lead: str, *texts: str) -> list[Picture]:
    """Return the pictures of an article, each once: its lead by name, and those of its texts."""
    found = (named(lead), *(picture for text in texts for picture in pictures_in(text)))
    return list(dict.fromkeys(filter(None, found)))


def absolute(cleaned: str, base: str) -> str:
    """Return cleaned HTML whose pictures are found from everywhere; `base` is the site's address."""
    return _IMG.sub(lambda img: _OWN.sub(f"{base}/pictures/", img[0]), cleaned) if base else cleaned


def served(markdown: str, base: str) -> str:
    """Return Markdown whose pictures every program finds; `base` is the site's address."""
    return _IN_MARKDOWN.sub(lambda name: f"]({base}/pictures/{name[1]}-{name[2]}.webp", markdown)


def embedded(cleaned: str, files: Mapping[str, str]) -> str:
    """Return cleaned HTML that holds its pictures: `files` has a `data:` address by hash. Others are left out."""

    def img(found: re.Match[str]) -> str:
        values = dict(re.findall(r' ([a-z]+)="([^"]*)"', found[0]))
        picture = shown(values)
        if picture is None or picture.hash not in files:
            return ""
        alt, place = values.get("alt", ""), f'width="{picture.width}" height="{picture.height}"'
        return f'<img src="{files[picture.hash]}" {place} alt="{alt}">'

    return _IMG.sub(img, cleaned)


def draw_pictures(state: Any) -> None:
    """Let a Markdown parser draw the pictures of a text (a rule of its core): one that stands alone is a figure.

    What shows no picture of this site is a link to it.
    """
    row: list[Token] = []
    for token in state.tokens:
        if token.type == "inline" and any(child.type == "image" for child in token.children):
            token.children = list(_with_pictures(token.children))
            if row[-1].type == "paragraph_open" and all(_stands_alone(child) for child in token.children):
                row[-1:] = [_figure(child) for child in token.children if child.type == "image"]
                continue
        elif row and row[-1].type == "figure" and token.type == "paragraph_close":
            continue
        row.append(token)
    state.tokens = row


def figure(row: list[Token], at: int, _options: Any, _env: Any) -> str:
    """Return the HTML of a figure's token."""
    own = row[at].meta
    return f"{own['picture'].html(own['alt'], own['caption'])}\n"


def _with_pictures(children: list[Token]) -> list[Token]:
    found: list[Token] = []
    links = 0
    for child in children:
        links += child.nesting if child.type in ("link_open", "link_close") else 0
        if child.type != "image":
            found.append(child)
            continue
        address, words = str(child.attrGet("src") or ""), Token("text", "", 0, content=_words(child.children or []))
        picture = named(address) if address.startswith("/") else None
        if picture is not None:
            child.meta = {"picture": picture, "alt": words.content, "caption": str(child.attrGet("title") or "")}
            child.attrs = {"src": picture.file(picture.width), "width": picture.width, "height": picture.height}
            found.append(child)
        elif address and not links:
            opened = Token("link_open", "a", 1, attrs={"href": address})
            found += [opened, words, Token("link_close", "a", -1)]
        else:
            found.append(words)
    return found


def _stands_alone(child: Token) -> bool:
    return child.type in ("image", "softbreak", "hardbreak") or (child.type == "text" and not child.content.strip())


def _figure(image: Token) -> Token:
    return Token("figure", "figure", 0, content=image.meta["alt"] + image.meta["caption"], meta=image.meta, block=True)


def _words(children: list[Token]) -> str:
    return "".join(_words(child.children or []) if child.children else child.content for child in children)


def _escaped(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))
