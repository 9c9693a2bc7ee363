"""What every app of a test run shares, because making it anew for each test took two fifths of the run's time.

An app of its own for each test has a routing map and an engine of its own. Werkzeug compiles two functions for each of
some 160 addresses, and SQLAlchemy each statement for each engine; both come out the same every time. If you change how
apps differ from each other (rules or converters by setting, options of the dialect), also look here, else one test gets
what was compiled for another.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.util import LRUCache
from werkzeug.routing import Rule

_compiled: LRUCache[Any, Any] = LRUCache(5000)  # statements; an engine of its own keeps 500
_compile_builder: Callable[[Rule, bool], Callable[..., Any]] = Rule._compile_builder


def share_what_is_compiled() -> None:
    """Let apps share the builders of their addresses, and engines of one kind the statements they compiled."""
    Rule._compile_builder = _shared_builder  # type: ignore[method-assign]
    # The keys of compiled statements name the engine's dialect. Those of one class are alike here: a run has one server
    # of each kind.
    DefaultDialect.__hash__ = lambda self: hash(_kind(self))  # type: ignore[method-assign,assignment]
    DefaultDialect.__eq__ = lambda self, other: _kind(self) == _kind(other)  # type: ignore[method-assign,assignment]


def share_statements(engine: Engine) -> None:
    """Let an engine use what the engines before it compiled."""
    engine.update_execution_options(compiled_cache=_compiled)


def _kind(dialect: object) -> tuple[type, object]:
    return type(dialect), getattr(dialect, "paramstyle", None)


def _shared_builder(rule: Rule, append_unknown: bool = True) -> Callable[..., Any]:
    shape = tuple((bool(dynamic), data) for dynamic, data in rule._trace), repr(rule.defaults), rule.rule
    return _builder(_Rule(rule, shape), append_unknown)


class _Rule:
    """A rule as a key: two with one shape are one."""

    def __init__(self, rule: Rule, shape: tuple[Any, ...]) -> None:
        self.rule, self._shape = rule, shape

    def __hash__(self) -> int:
        return hash(self._shape)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Rule) and self._shape == other._shape


@cache
def _builder(rule: _Rule, append_unknown: bool) -> Callable[..., Any]:
    return _compile_builder(rule.rule, append_unknown)
