"""What every app of a test run shares, because making it anew for each test took two fifths of the run's time.

An app of its own for each test has a routing map and an engine of its own. Werkzeug compiles a pattern and two
functions for each of some 160 addresses, and SQLAlchemy each statement for each engine; both come out the same every
time. If you change how apps differ from each other (rules or converters by setting, options of the dialect), also look
here, else one test gets what was compiled for another.
"""

from __future__ import annotations

from collections.abc import Hashable
from types import MethodType
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.util import LRUCache
from werkzeug.routing import Rule

_compiled: LRUCache[Any, Any] = LRUCache(5000)  # statements; an engine of its own keeps 500
_rules: dict[Hashable, Rule] = {}
_compile = Rule.compile


def share_what_is_compiled() -> None:
    """Let apps share what is compiled of their addresses, and engines of one kind the statements they compiled."""
    Rule.compile = _compile_once  # type: ignore[method-assign]
    # The keys of compiled statements name the engine's dialect. Those of one class are alike here: a run has one server
    # of each kind.
    DefaultDialect.__hash__ = lambda self: hash(_kind(self))  # type: ignore[method-assign,assignment]
    DefaultDialect.__eq__ = lambda self, other: _kind(self) == _kind(other)  # type: ignore[method-assign,assignment]


def share_statements(engine: Engine) -> None:
    """Let an engine use what the engines before it compiled."""
    engine.update_execution_options(compiled_cache=_compiled)


def _kind(dialect: object) -> tuple[type, object]:
    return type(dialect), getattr(dialect, "paramstyle", None)


def _compile_once(rule: Rule) -> None:
    assert rule.map is not None
    spelled = rule.rule, rule.merge_slashes, repr(rule.defaults), rule.host, rule.subdomain, rule.map.host_matching
    first = _rules.setdefault((*spelled, frozenset(rule.map.converters.items())), rule)
    if first is rule:
        _compile(rule)
        return
    rule._parts, rule._trace, rule._converters = first._parts, first._trace, first._converters
    rule.arguments |= first.arguments
    rule._build, rule._build_unknown = (
        MethodType(builder.__func__, rule)  # type: ignore[attr-defined]
        for builder in (first._build, first._build_unknown)
    )
