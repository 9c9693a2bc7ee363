"""Numbers in addresses: whatever stands there is a page, or none; and one place reads them."""

from __future__ import annotations

import ast
import inspect
import itertools
import re
from pathlib import Path
from typing import Any, ClassVar

import pytest
from flask import Request
from werkzeug.datastructures import ImmutableMultiDict

import forum
from tests.cast import Browser, Cast
from tests.web.test_csrf import address, comment

__all__ = ["comment"]  # a fixture
FORUM = Path(forum.__file__).parent
HOSTILE = [
    *("9" * 20, "9" * 5000, str(2**63), str(2**63 - 1), "-1", "0", "", "1e9", "0x10", "1_0", " 1 ", "+1", "NaN"),
    *("\u0663", "\u00b2", "\u2460", "20210917T000000000000-" + "9" * 30, "99999999T000000000000-1", "-", "'; --", "[]"),
    *("20210917T000000000000-1", "00010101T000000000000-1", "%00", "\u202e", "../..", "{{7*7}}"),
]
NAME = re.compile(r"(?:web\.number\(|web\.key\(|args\.get\(|args\[)\s*\"(\w+)\"")


def test_a_number_in_a_path_has_one_spelling(cast: Cast, comment) -> None:
    key = str(comment.id)
    assert cast.browser().get(f"/comments/{key}").status_code == 303
    for zero in (0x660, 0xFF10):  # Arabic-Indic and fullwidth digits, which Python's int() takes
        other = "".join(chr(zero + int(digit)) for digit in key)
        assert cast.browser().get(f"/comments/{other}").status_code == 404


def views() -> list[Path]:
    return [path for path in sorted(FORUM.rglob("*.py")) if "view" in str(path.relative_to(FORUM))]


def test_no_view_reads_a_number_itself() -> None:
    wrong = []
    for path in views():
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            named = getattr(node, "attr", "") or getattr(node, "id", "")
            reads = named in ("isdecimal", "isdigit", "isnumeric", "strptime", "fromisoformat")
            asks = isinstance(node, ast.keyword) and node.arg == "type" and getattr(node.value, "id", "") == "int"
            if reads or asks:
                wrong.append(f"{path.relative_to(FORUM)}:{node.lineno if hasattr(node, 'lineno') else ''}")
    assert len(views()) > 10
    assert wrong == []


class Noting(ImmutableMultiDict[str, str]):
    """The parameters of an address, with the names that were asked for."""

    asked: ClassVar[set[str]] = set()

    def __getitem__(self, name: str) -> str:
        self.asked.add(name)
        return super().__getitem__(name)

    def __contains__(self, name: object) -> bool:
        self.asked.add(str(name))
        return super().__contains__(name)

    def getlist(self, name: str, *rest: Any) -> list[Any]:
        self.asked.add(name)
        return super().getlist(name, *rest)


@pytest.mark.parametrize("who", ["visitor", "ada"])
def test_hostile_values_are_no_mistake_of_ours(cast: Cast, comment, monkeypatch, who: str) -> None:
    """A page gets all values of what it reads, and one of what only its neighbours read: each time another one."""
    monkeypatch.setattr(Request, "parameter_storage_class", Noting)
    browser = cast.browser(None if who == "visitor" else cast.ada)
    values = itertools.cycle(HOSTILE)
    read = 0
    for rule in cast.app.url_map.iter_rules():
        if "GET" not in (rule.methods or set()) or rule.endpoint == "static":
            continue
        view = inspect.unwrap(cast.app.view_functions[rule.endpoint])
        source = inspect.getsource(inspect.getmodule(view))
        for name in sorted(set(NAME.findall(source))):
            Noting.asked.clear()
            send(browser, address(cast, rule, comment), name, next(values))
            if name in Noting.asked:
                read += 1
                for value in HOSTILE:
                    send(browser, address(cast, rule, comment), name, value)
    assert read > (30 if who == "ada" else 10)


def send(browser: Browser, url: str, name: str, value: str) -> None:
    """Get a page with a parameter, and see that it is no mistake of ours."""
    answer = browser.get(url, query_string={name: value})
    answer.close()
    assert answer.status_code < 500, (url, name, value)
