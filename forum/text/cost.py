"""What a text may cost: work for its reader, tags, and size as HTML.

Markdown can make much of little: 10,000 characters of link references became a page of 20 MB and took 80 s. So the
parser counts what it does and gives up. The text is then shown as it was typed, which costs nothing and loses nothing.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token

Rule = Callable[..., bool]
PER_ADDRESS = 30  # calls
_BLANK_LINES = re.compile("\n{2,}")


@dataclass(frozen=True)
class Allowance:
    """What one text may cost: calls of the parser's rules, tags to be cleaned, and characters of HTML for each typed.

    A call takes some 2 microseconds, an address as long as 30 and a tenth of its characters. bleach takes
    some 30 for a tag, and 10 for a character reference.
    """

    calls: int
    tags: int
    growth: int
    spare: int = 1_000  # characters of HTML more, for a short text of a few links

    def covers(self, made: str, source: str) -> bool:
        """Tell whether HTML is not too much for this source: neither in tags nor in characters."""
        return made.count("<") + made.count("&") // 4 <= self.tags and self.has_room(len(made), source)

    def has_room(self, length: int, source: str) -> bool:
        """Tell whether so many characters of HTML are not too many for this source."""
        return length <= self.growth * len(source) + self.spare


# A comment costs a tenth of a second at most. An article costs up to twenty times as much: it may be as much longer.
COMMENT = Allowance(calls=18_000, tags=1_000, growth=5)
ARTICLE = Allowance(calls=300_000, tags=20_000, growth=20)


class TooCostly(Exception):
    """The refusal to read a text on, because it costs more than its allowance."""


class CountingParser(MarkdownIt):
    """A Markdown parser that counts the calls of its rules. Make it with every rule it will have, then `count()`."""

    def count(self, allowance: Allowance) -> None:
        """Let each rule be counted from now on."""
        self.allowance, self.calls = allowance, 0
        for parser in (self.block, self.inline):
            ruler: Any = parser.ruler
            ruler.getRules = self._counting(ruler.getRules)

    def render(self, src: str, env: Any = None) -> str:
        """Return a text as HTML, not yet cleaned. Raises TooCostly."""
        self.calls = 0
        env = {} if env is None else env
        row = self.parse(src, env)
        # Before anything is put together: an address or title stands in each link that refers to it.
        length, tags = sum(map(_length, _each(row))), sum(bool(token.tag) for token in _each(row))
        if tags > self.allowance.tags or not self.allowance.has_room(length, src):
            raise TooCostly()
        made = str(self.renderer.render(row, self.options, env))
        if not self.allowance.covers(made, src):
            raise TooCostly()
        return made

    def normalizeLink(self, url: str) -> str:  # noqa: N802 -- the library's name
        """Return an address as it may stand in HTML."""
        encoded = len(url.encode()) - len(url)  # each of these bytes becomes "%C3" and its like, one by one
        self._spend(PER_ADDRESS + len(url) // 10 + 2 * encoded)
        return str(super().normalizeLink(url))

    def _spend(self, calls: int) -> None:
        self.calls += calls
        if self.calls > self.allowance.calls:
            raise TooCostly()

    def _counting(self, rules_of: Callable[[str], list[Rule]]) -> Callable[[str], list[Rule]]:
        @cache
        def counting(chain: str = "") -> list[Rule]:
            return [self._counted(rule) for rule in rules_of(chain)]

        return counting

    def _counted(self, rule: Rule) -> Rule:
        # Where blocks nest deeper, the parser drops what they hold without a word. (Inline, it only takes it for text.)
        deepest = self.options["maxNesting"] - 2

        def counted(state: Any, *place: Any) -> bool:
            self._spend(1)
            if len(place) > 1 and state.level > deepest:  # only a rule of blocks has two places
                raise TooCostly()
            return rule(state, *place)

        return counted


def as_typed(source: str) -> str:
    """Return a text as HTML with no markup but its lines and paragraphs: clean, and at most 5 times as long."""
    paragraphs = _BLANK_LINES.split(html.escape(source, quote=False).strip("\n"))
    return "\n".join("<p>" + text.replace("\n", "<br>\n") + "</p>" for text in paragraphs if text.strip())


def _each(row: Sequence[Token]) -> Iterator[Token]:
    for token in row:
        # A block's text stands in its children again.
        yield from token.children or (token,)


def _length(token: Token) -> int:
    return len(token.content) + sum(len(str(value)) for value in token.attrs.values())
