"""Bare addresses in a text: with a scheme or `www.` in front, and of mail. Other words with a dot in them are words.

The library's own finder reads on from each bracket to the text's end, so that its time grows by the square.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markdown_it.rules_inline import StateInline

# Possessive, and each kind begins only where a word does: what was read once is not read again.
_WEB = r"(?<![\w/])(?:(?P<scheme>https?:)//|www\.)(?P<rest>[^\s<>\"|\uff5c]++)"
_MAIL = r"(?<![\w.+%@/-])(?:(?P<mailto>mailto:))?+(?P<box>[\w.+%-]++)@(?P<host>[\w-]++(?:\.[\w-]++)++)"
_ADDRESS = re.compile(f"{_WEB}|{_MAIL}", re.IGNORECASE)
_SCHEME, _LONGEST_SCHEME = re.compile(r"(?<![a-z0-9.+-])https?\Z", re.IGNORECASE), len("https")
_AFTER = ".,;:!?'*_~`…’”»"  # belongs to the sentence, at an address's end
_BRACKETS = {")": "(", "]": "[", "}": "{"}


@dataclass(frozen=True)
class Found:
    """An address in a text: where it stands, its words there, and where it leads. markdown-it asks for these names."""

    schema: str
    index: int
    last_index: int
    text: str
    url: str


def is_mail_address(text: str) -> bool:
    """Tell whether a text is a mail address and nothing else, as a text would link it."""
    found = _ADDRESS.fullmatch(text)
    return found is not None and bool(found["box"]) and not found["mailto"] and _mail(found) is not None


class BareAddresses:
    """The finder of addresses that a Markdown parser asks."""

    def pretest(self, text: str) -> bool:
        """Tell whether it is worth looking."""
        return "@" in text or "//" in text or "www." in text.lower()

    test = pretest

    def match(self, text: str) -> list[Found] | None:
        """Return the addresses in a text from left to right, or None."""
        return list(_found(text)) or None

    def match_at_start(self, text: str) -> Found | None:
        """Return the address with a scheme with which a text begins."""
        found = _ADDRESS.match(text)
        return _web(found) if found and found["scheme"] else None


def linkify(state: StateInline, silent: bool) -> bool:
    """Make a link of an address with a scheme, as a rule of the parser. Tell whether one stands here.

    The library's own rule looks for the scheme in all words since the last markup, at each "://": its time grows by the
    square.
    """
    before = _SCHEME.search(state.pending[-_LONGEST_SCHEME - 1 :])
    if state.linkLevel > 0 or before is None or not state.src.startswith("://", state.pos):
        return False
    scheme = len(before[0])
    link = BareAddresses().match_at_start(state.src[state.pos - scheme :])
    if link is None:
        return False
    words = link.url.rstrip("*")  # a star at the end is emphasis
    leads = state.md.normalizeLink(words)
    if not state.md.validateLink(leads):
        return False
    if not silent:
        state.pending = state.pending[:-scheme]
        _push_link(state, words, leads)
    state.pos += len(words) - scheme
    return True


def _push_link(state: StateInline, words: str, leads: str) -> None:
    begin = state.push("link_open", "a", 1)
    begin.attrs = {"href": leads}
    state.push("text", "", 0).content = state.md.normalizeLinkText(words)
    end = state.push("link_close", "a", -1)
    begin.markup = end.markup = "linkify"
    begin.info = end.info = "auto"


def _found(text: str) -> Iterator[Found]:
    for found in _ADDRESS.finditer(text):
        one = _web(found) if found["rest"] else _mail(found)
        if one is not None:
            yield one


def _web(found: re.Match[str]) -> Found | None:
    words = _without_what_follows(found[0])
    if len(words) <= len(found[0]) - len(found["rest"]):
        return None
    leads = words if found["scheme"] else f"http://{words}"
    return Found(found["scheme"] or "", found.start(), found.start() + len(words), words, leads)


def _mail(found: re.Match[str]) -> Found | None:
    words = found[0]
    if found["box"].startswith(".") or found["box"].endswith("."):
        return None
    leads = words if found["mailto"] else f"mailto:{words}"
    return Found("mailto:", found.start(), found.start() + len(words), words, leads)


def _without_what_follows(words: str) -> str:
    """Return an address without the sentence's punctuation, and without a bracket that was opened before it."""
    open_ = {closing: words.count(closing) - words.count(opening) for closing, opening in _BRACKETS.items()}
    end = len(words)
    while end and (words[end - 1] in _AFTER or open_.get(words[end - 1], 0) > 0):
        if words[end - 1] in open_:
            open_[words[end - 1]] -= 1
        end -= 1
    return words[:end]
