"""Count the work that a text makes, the same on every machine however busy: lines of Python, and characters looked at.

Python counts no steps within a regular expression. So each of ours is run twice: by `re`, whose answer counts, and by a
matcher of our own that does the same step by step and must come to the same end.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from re import _constants as ops  # type: ignore[attr-defined]  # what `re` itself reads a pattern with
from re import _parser  # type: ignore[attr-defined]
from types import FrameType, ModuleType
from typing import Any

import pytest

SHORT, TIMES = 1_000, 4  # characters of the shorter text, and how much longer the longer text is
IN_VAIN = 150_000  # more than `tokens.WASTE`, which is read in vain once, however long the text is
OURS = ("/forum/", "/bleach/", "/html5lib/", "/markdown_it/", "/html/__init__.py")
Next = Callable[[int], int | None]  # what comes behind: where it ends, or None where it does not match
Step = Callable[[str, int, Next], int | None]


class TooMuch(Exception):
    """More work than a test allows, so that one that fails does so soon."""


class Work:
    """How much was done, and how much may be."""

    def __init__(self, most: int) -> None:
        self.done, self.most = 0, most

    def add(self, number: int = 1) -> None:
        """Count some more."""
        self.done += number
        if self.done > self.most:
            sys.settrace(None)
            raise TooMuch(self.most)

    @contextmanager
    def lines(self) -> Iterator[None]:
        """Count the lines of the program and of the libraries that read HTML."""

        def traced(frame: FrameType, event: str, _argument: object) -> Any:
            if event == "call":
                return traced if any(part in frame.f_code.co_filename for part in OURS) else None
            if event == "line":
                self.add()
            return traced

        before = sys.gettrace()
        sys.settrace(traced)
        try:
            yield
        finally:
            sys.settrace(before)


class Counted:
    """A pattern that counts the characters it looks at."""

    def __init__(self, pattern: re.Pattern[str], work: Work) -> None:
        self.pattern, self.work = pattern, work
        self.run = _sequence(_parser.parse(pattern.pattern, pattern.flags), pattern.flags, work)

    def match(self, text: str, at: int = 0) -> re.Match[str] | None:
        """Match at one place."""
        found = self.pattern.match(text, at)
        assert self.run(text, at, lambda end: end) == (found.end() if found else None)
        return found

    def search(self, text: str, at: int = 0) -> re.Match[str] | None:
        """Look for the first match."""
        found = self.pattern.search(text, at)
        for start in range(at, found.start() if found else len(text) + 1):
            self.work.add()
            assert self.run(text, start, lambda end: end) is None
        if found:
            self.match(text, found.start())
        return found

    def finditer(self, text: str) -> Iterator[re.Match[str]]:
        """Find all matches."""
        at = 0
        while at <= len(text) and (found := self.search(text, at)):
            yield found
            at = found.end() + (found.end() == found.start())

    def findall(self, text: str) -> list[Any]:
        """Find the words of all matches."""
        list(self.finditer(text))
        return self.pattern.findall(text)

    def sub(self, instead: str | Callable[[re.Match[str]], str], text: str) -> str:
        """Replace all matches."""
        list(self.finditer(text))
        return self.pattern.sub(instead, text)

    def fullmatch(self, text: str) -> re.Match[str] | None:
        """Match the whole text."""
        self.run(text, 0, lambda end: end if end == len(text) else None)
        return self.pattern.fullmatch(text)


def count_patterns(monkeypatch: pytest.MonkeyPatch, work: Work, *modules: ModuleType) -> int:
    """Let every pattern of some modules count; return how many there are."""
    number = 0
    for module in modules:
        for name, value in list(vars(module).items()):
            if isinstance(value, re.Pattern):
                monkeypatch.setattr(module, name, Counted(value, work))
                number += 1
            elif isinstance(value, dict) and any(isinstance(one, re.Pattern) for one in value.values()):
                monkeypatch.setattr(module, name, {key: Counted(one, work) for key, one in value.items()})
                number += len(value)
    return number


def assert_linear(
    monkeypatch: pytest.MonkeyPatch, piece: str, act: Callable[[str], object], *modules: ModuleType
) -> None:
    """Check that a piece that is repeated makes work in proportion to the length of the text."""
    act("x" + piece + "x")  # what is made at the first call only
    work = Work(most=sys.maxsize)
    assert count_patterns(monkeypatch, work, *modules) > len(modules)
    done = []
    for length in (SHORT, TIMES * SHORT):
        # By the square it would be 16 times as much.
        work.done, work.most = 0, 6 * done[0] + IN_VAIN if done else sys.maxsize
        with work.lines():
            act("x" + piece * (length // len(piece)) + "x")
        done.append(work.done)
    assert done[0] > 0


def _sequence(nodes: Any, flags: int, work: Work) -> Step:
    steps = [_step(op, value, flags, work) for op, value in nodes]

    def run(text: str, at: int, then: Next, number: int = 0) -> int | None:
        if number == len(steps):
            return then(at)
        return steps[number](text, at, lambda end: run(text, end, then, number + 1))

    return steps[0] if len(steps) == 1 else run


def _step(op: Any, value: Any, flags: int, work: Work) -> Step:
    if op in (ops.LITERAL, ops.NOT_LITERAL, ops.ANY, ops.IN):
        return _character(op, value, flags, work)
    if op is ops.SUBPATTERN:
        return _sequence(value[3], flags | value[1] & ~value[2], work)
    if op is ops.BRANCH:
        ways = [_sequence(way, flags, work) for way in value[1]]
        return lambda text, at, then: next((end for way in ways if (end := way(text, at, then)) is not None), None)
    if op is ops.MAX_REPEAT:
        return _greedy(value[0], value[1], _sequence(value[2], flags, work))
    if op is ops.MIN_REPEAT:
        return _lazy(value[0], value[1], _sequence(value[2], flags, work))
    if op is ops.POSSESSIVE_REPEAT:
        return _possessive(value[0], value[1], _sequence(value[2], flags, work))
    if op in (ops.ASSERT, ops.ASSERT_NOT):
        return _look(value[0], _sequence(value[1], flags, work), wanted=op is ops.ASSERT)
    if op is ops.AT:
        return _place(value)
    raise NotImplementedError(str(op))


def _character(op: Any, value: Any, flags: int, work: Work) -> Step:
    known: dict[str, bool] = {}

    def fits(char: str) -> bool:
        if char not in known:
            spelled = {char, char.lower(), char.upper()} if flags & re.IGNORECASE else {char}
            known[char] = any(_is_one(op, value, one, flags) for one in spelled)
        return known[char]

    def run(text: str, at: int, then: Next) -> int | None:
        work.add()
        return then(at + 1) if at < len(text) and fits(text[at]) else None

    return run


def _is_one(op: Any, value: Any, char: str, flags: int) -> bool:
    if op is ops.ANY:
        return char != "\n" or bool(flags & re.DOTALL)
    if op in (ops.LITERAL, ops.NOT_LITERAL):
        return (ord(char) == value) is (op is ops.LITERAL)
    if op is ops.RANGE:
        return bool(value[0] <= ord(char) <= value[1])
    if op is ops.CATEGORY:
        kinds = {"SPACE": char.isspace(), "DIGIT": char.isdecimal(), "WORD": char.isalnum() or char == "_"}
        name = str(value).removeprefix("CATEGORY_")
        return kinds[name.removeprefix("NOT_")] is not name.startswith("NOT_")
    negated = value[0][0] is ops.NEGATE
    return any(_is_one(kind, one, char, flags) for kind, one in value[negated:]) is not negated


def _ends(least: int, most: Any, inner: Step, text: str, at: int) -> list[int]:
    """Return where the repetitions of something end, one after the other, each with its first way."""
    ends = [at]
    while len(ends) <= most and (end := inner(text, ends[-1], lambda end: end)) is not None:
        if end == ends[-1] and len(ends) > least:
            break
        ends.append(end)
    return ends


def _greedy(least: int, most: Any, inner: Step) -> Step:
    # As many as there are, then one fewer each time. What is repeated here has one way to match at a place.
    def run(text: str, at: int, then: Next) -> int | None:
        ends = _ends(least, most, inner, text, at)
        return next((end for one in reversed(ends[least:]) if (end := then(one)) is not None), None)

    return run


def _lazy(least: int, most: Any, inner: Step) -> Step:
    def run(text: str, at: int, then: Next) -> int | None:
        ends = _ends(least, most, inner, text, at)
        return next((end for one in ends[least:] if (end := then(one)) is not None), None)

    return run


def _possessive(least: int, most: Any, inner: Step) -> Step:
    def run(text: str, at: int, then: Next) -> int | None:
        ends = _ends(least, most, inner, text, at)
        return then(ends[-1]) if len(ends) > least else None

    return run


def _look(direction: int, inner: Step, *, wanted: bool) -> Step:
    def run(text: str, at: int, then: Next) -> int | None:
        start = at if direction > 0 else at - 1  # behind: one character in all patterns of ours
        found = start >= 0 and inner(text, start, lambda end: end if direction > 0 or end == at else None) is not None
        return then(at) if found is wanted else None

    return run


def _place(where: Any) -> Step:
    def is_word(text: str, at: int) -> bool:
        return 0 <= at < len(text) and (text[at].isalnum() or text[at] == "_")

    def run(text: str, at: int, then: Next) -> int | None:
        here = {
            ops.AT_BEGINNING: at == 0,
            ops.AT_BEGINNING_STRING: at == 0,
            ops.AT_END_STRING: at == len(text),
            ops.AT_END: text[at:] in ("", "\n"),
            ops.AT_BOUNDARY: is_word(text, at) is not is_word(text, at - 1),
        }
        return then(at) if here[where] else None

    return run
