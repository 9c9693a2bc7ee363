"""Footnotes in articles: `[^1]` in the text, and a line `[^1]: The note.` anywhere.

The parser's notes are drawn with ids that begin with a hash of the text, so that those of two articles in one document
(a feed, an archive) differ. No other HTML of an article has an id: an author cannot give one that the page has, too.
"""

from __future__ import annotations

import hashlib
import re
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from mdit_py_plugins.footnote import footnote_plugin
from mdit_py_plugins.footnote.index import footnote_ref

_ID = re.compile(r"fn(ref)?-[0-9a-f]{8}-[0-9]{1,5}(-[0-9]{1,5})?")
# Whether a note's name ends, the plugin looks for from each "[^" up to the end of the text: its time would grow by the
# square. A name is a number or a word.
_REFERENCE = re.compile(r"\[\^[^\s\[\]]{1,40}\]")
# What else the cleaner lets through where there are notes: tag, attribute, value.
_ALLOWED = {
    ("sup", "class", "note"),
    ("a", "role", "doc-noteref"),
    ("section", "class", "notes"),
    ("section", "role", "doc-endnotes"),
    ("a", "class", "note-back"),
    ("a", "role", "doc-backlink"),
}


def add_footnotes(parser: MarkdownIt) -> None:
    """Let a parser read footnotes. None stands within a sentence (`^[like this]`): such could nest without end."""
    footnote_plugin(parser, inline=False)
    parser.inline.ruler.at("footnote_ref", _reference)
    for name in ("ref", "block_open", "block_close", "open", "close", "anchor"):
        parser.add_render_rule(f"footnote_{name}", globals()[f"_draw_{name}"])


def named_after(source: str) -> dict[str, Any]:
    """Return the parser's environment in which the notes of a text have names of their own."""
    return {"docId": hashlib.sha256(source.encode()).hexdigest()[:8]}


def is_part_of_note(tag: str, name: str, value: str) -> bool:
    """Tell whether an attribute is one that a footnote has, as it is drawn here."""
    return (tag, name, value) in _ALLOWED or (name == "id" and tag in ("a", "li") and bool(_ID.fullmatch(value)))


def _reference(state: StateInline, silent: bool) -> bool:
    return bool(_REFERENCE.match(state.src, state.pos)) and footnote_ref(state, silent)


def _draw_ref(_renderer: Any, row: Any, at: int, _options: Any, env: Any) -> str:
    place = f'id="fnref-{_place(row[at], env)}" role="doc-noteref"'
    return f'<sup class="note"><a href="#fn-{_note(row[at], env)}" {place}>{row[at].meta["id"] + 1}</a></sup>'


def _draw_block_open(*_drawn: Any) -> str:
    return '<section class="notes" role="doc-endnotes"><ol>\n'


def _draw_block_close(*_drawn: Any) -> str:
    return "</ol></section>\n"


def _draw_open(_renderer: Any, row: Any, at: int, _options: Any, env: Any) -> str:
    return f'<li id="fn-{_note(row[at], env)}">'


def _draw_close(*_drawn: Any) -> str:
    return "</li>\n"


def _draw_anchor(_renderer: Any, row: Any, at: int, _options: Any, env: Any) -> str:
    # The sign behind the arrow keeps phones from drawing it as an emoji.
    return f' <a class="note-back" href="#fnref-{_place(row[at], env)}" role="doc-backlink">\u21a9\ufe0e</a>'


def _note(token: Any, env: Any) -> str:
    return f"{env['docId']}-{token.meta['id'] + 1}"


def _place(token: Any, env: Any) -> str:
    again = token.meta.get("subId") or 0
    return _note(token, env) + (f"-{again}" if again else "")
