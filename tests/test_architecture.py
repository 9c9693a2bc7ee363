"""The rules of the house, checked: who imports whom, who holds what, and how long anything may be.

docs/architecture.md says why. A failing test here prints the places; the fix is to move the code, not the rule.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from alembic.script import ScriptDirectory

ROOT = Path(__file__).resolve().parent.parent
FORUM = ROOT / "forum"
LINE = [
    *("ledger", "site", "people", "notifications", "articles", "closures", "screening"),
    *("comments", "moderation", "search", "transfer", "api"),
]
# The floors of a room that outgrew one: folders with drawers of their own, each of which imports only floors before it.
FLOORS = {"comments": ["writing", "ending", "reading"]}
# What stands below the rooms, and what of ours each may import.
BASE = {
    "clock": set(),
    "errors": {"reasons"},
    "front": {"front", "clock", "db"},
    "paths": set(),
    "text": set(),
    "config": {"errors"},
    "db": {"db", "config", "errors"},
    "policy": {"policy", "errors", "reasons"},
    "prepared": {"db"},
    "reasons": set(),
    "redis_options": set(),
    "web": {
        *(
            "web",
            "site",
            "people",
            "clock",
            "config",
            "db",
            "errors",
            "front",
            "policy",
            "redis_options",
        ),
        "wording",
    },
    "wording": {"reasons"},
}
# What of ours a drawer may import, apart from its own room's and earlier rooms' drawers in the second table.
BELOW = {
    "models": {"db", "clock", "policy"},
    "forms": set(),
    "queries": {"db", "prepared", "clock", "policy", "text", "errors"},
    "actions": {"db", "prepared", "clock", "policy", "text", "errors", "reasons", "config"},
}
DRAWERS = {
    "models": {"models"},
    "forms": {"forms"},
    "queries": {"models", "queries"},
    "actions": {"models", "queries", "actions"},
}
NAMED = {"models", "forms", "queries", "actions", "views"}
# A session row is written when the page is done: nobody is left to commit.
COMMITS = {"people/sessions.py"}
EDGE_ONLY = {"flask_login", "flask_wtf", "flask_limiter"}
ROLES = re.compile(r"\.role\b|\bis_(?:admin|moderator|author|staff)\b|Role\.|[\"'](?:reader|moderator|admin)[\"']")
INLINE = re.compile(r"\|\s*safe\b|<script(?![^>]*\bsrc=)|<style\b|\sstyle=|\son[a-z]+\s*=", re.IGNORECASE)


@cache
def sources() -> dict[str, ast.Module]:
    """Return every Python file of the package by its path inside it, parsed."""
    return {str(path.relative_to(FORUM)): ast.parse(path.read_text("utf-8")) for path in sorted(FORUM.rglob("*.py"))}


def imports(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """Yield what a file imports, as dotted names, with the line; `from forum import db` is forum.db."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            whole = f"{node.module}."
            deep = whole.count(".") < 3 or floor_of(whole.split(".")[1:]) == whole.split(".")[-2]
            parts = [whole + alias.name for alias in node.names] if deep else [str(node.module)]
            yield from ((part, node.lineno) for part in parts)


def ours(tree: ast.Module) -> Iterator[tuple[list[str], int]]:
    """Yield what a file imports of ours, split: ["people", "queries", "viewers"]; a floor is left out."""
    for name, line in imports(tree):
        if name.startswith("forum."):
            yield without_floor(name.split(".")[1:]), line


def floor_of(name: list[str]) -> str | None:
    """Return the floor of a file or of what is imported, or None where it stands beside the floors."""
    return name[1] if len(name) > 1 and name[1] in FLOORS.get(name[0], ()) else None


def without_floor(name: list[str]) -> list[str]:
    """Return a dotted name as it would be in a room without floors."""
    return name[:1] + name[2:] if floor_of(name) else name


def drawer(path: str) -> tuple[str, str]:
    """Return the room and the drawer of a file; a drawer may be a folder, and stand on a floor."""
    parts = without_floor(path.removesuffix(".py").split("/"))
    return parts[0], parts[1] if len(parts) > 1 else ""


def test_rooms_import_only_rooms_before_them() -> None:
    wrong = [
        f"{path}:{line} imports {'.'.join(name)}"
        for path, tree in sources().items()
        for name, line in ours(tree)
        if drawer(path)[0] in LINE and name[0] in LINE and LINE.index(name[0]) > LINE.index(drawer(path)[0])
    ]
    assert wrong == []


def test_floors_import_only_floors_before_them() -> None:
    wrong = []
    for path, tree in sources().items():
        room, here = path.split("/")[0], floor_of(path.removesuffix(".py").split("/"))
        if room not in FLOORS or (drawer(path)[1] == "views" and here is None):  # it puts the floors' pages together
            continue
        for name, line in imports(tree):
            there = floor_of(name.split(".")[1:]) if name.startswith(f"forum.{room}.") else None
            below = FLOORS[room][: FLOORS[room].index(here) + 1] if here else []
            if there and there not in below:
                wrong.append(f"{path}:{line} imports {name}")
    assert wrong == []


def test_what_stands_below_the_rooms_imports_none() -> None:
    wrong = [
        f"{path}:{line} imports {'.'.join(name)}"
        for path, tree in sources().items()
        for name, line in ours(tree)
        if name[0] not in BASE.get(drawer(path)[0], {name[0]})
        or (drawer(path)[0] == "web" and name[0] == "site" and name[1] != "queries")
        or (drawer(path)[0] == "web" and name[0] == "people" and name[1] not in ("queries", "sessions", "tokens"))
    ]
    assert wrong == []


def test_drawers_hold_what_their_names_say() -> None:
    wrong = []
    for path, tree in sources().items():
        room, kind = drawer(path)
        if room not in LINE or kind not in BELOW:
            continue
        for name, line in ours(tree):
            inside = name[0] in LINE and len(name) > 1 and name[1] in NAMED and name[1] not in DRAWERS[kind]
            below = name[0] not in LINE and name[0] not in BELOW[kind]
            if inside or below:
                wrong.append(f"{path}:{line} imports {'.'.join(name)}")
    assert wrong == []


def test_only_views_know_the_web() -> None:
    wrong = [
        f"{path}:{line} imports {name}"
        for path, tree in sources().items()
        for name, line in imports(tree)
        if drawer(path)[0] in LINE
        and drawer(path)[1] != "views"
        and (name.split(".")[0] in ("flask", "werkzeug") or name.startswith("forum.web"))
    ]
    assert wrong == []


def test_only_the_edge_and_the_renderer_import_their_libraries() -> None:
    wrong = [
        f"{path}:{line} imports {name}"
        for path, tree in sources().items()
        for name, line in imports(tree)
        if (name.split(".")[0] in EDGE_ONLY and drawer(path)[0] != "web")
        or (name.split(".")[0] == "bleach" and path != "text.py")
    ]
    assert wrong == []


def test_actions_never_commit() -> None:
    wrong = [
        f"{path}:{node.lineno}"
        for path, tree in sources().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and node.attr == "commit"
        and drawer(path)[0] in LINE
        and drawer(path)[1] != "views"
        and path not in COMMITS
    ]
    assert wrong == []


def test_markup_is_made_in_two_places() -> None:
    wrong = [
        f"{path}:{node.lineno}"
        for path, tree in sources().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "Markup"
        and path != "text.py"
        and drawer(path)[0] != "web"
    ]
    assert wrong == []


def test_there_is_one_clock() -> None:
    wrong = [
        f"{path}:{node.lineno}"
        for path, tree in sources().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and node.attr in ("now", "utcnow", "today")
        and isinstance(node.value, ast.Name)
        and node.value.id in ("datetime", "date", "dt")
        and path != "clock.py"
    ]
    assert wrong == []


def functions() -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef, ast.AST]]:
    """Yield every function with its file and what it stands in."""
    for path, tree in sources().items():
        for parent in ast.walk(tree):
            for node in ast.iter_child_nodes(parent):
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                    yield path, node, parent


def test_public_functions_say_what_they_do() -> None:
    wrong = [
        f"{path}:{node.lineno} {node.name}"
        for path, node, parent in functions()
        if not node.name.startswith("_")
        and isinstance(parent, ast.Module | ast.ClassDef)
        and not (isinstance(parent, ast.ClassDef) and _inherits(parent))
        and not ast.get_docstring(node)
    ]
    assert wrong == []


def _inherits(node: ast.ClassDef) -> bool:
    # A Protocol's facts are told by their names, and an overriding method by what it overrides.
    return bool(node.bases)


def test_files_and_functions_stay_short() -> None:
    files = {path: len((FORUM / path).read_text("utf-8").splitlines()) for path in sources()}
    lengths = {f"{path}:{node.lineno} {node.name}": _length(node) for path, node, _ in functions()}
    assert {name: lines for name, lines in files.items() if lines > 400} == {}
    assert {name: lines for name, lines in lengths.items() if lines > 60} == {}
    assert _share_over(250, files) <= 0.1
    assert _share_over(30, lengths) <= 0.1


def _length(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def _share_over(limit: int, lengths: dict[str, int]) -> float:
    return sum(lines > limit for lines in lengths.values()) / len(lengths)


def test_names_of_files_say_what_is_inside() -> None:
    vague = re.compile(r"(^|_)(utils?|helpers?|managers?|services?|misc|common|base|core|stuff)(_|$)")
    assert [path for path in sources() if any(vague.search(part) for part in path.removesuffix(".py").split("/"))] == []


def test_templates_ask_no_permission_and_trust_nothing() -> None:
    wrong = []
    for path in sorted((ROOT / "templates").rglob("*.html")):
        text = path.read_text("utf-8")
        if not text.startswith("{#"):
            wrong.append(f"{path.name}: its first line does not say what it needs")
        code = re.sub(r"\{#.*?#\}", lambda found: "\n" * found[0].count("\n"), text, flags=re.DOTALL)
        for number, line in enumerate(code.splitlines(), 1):
            # A role in an option's value or a label is data; in a tag of Jinja's it is a question.
            asked = " ".join(re.findall(r"\{[%{].*?[%}]\}", line))
            wrong += [f"{path.name}:{number} {line.strip()}" for _ in INLINE.findall(line) + ROLES.findall(asked)]
    assert wrong == []


def test_there_is_one_newest_migration() -> None:
    assert len(ScriptDirectory(str(ROOT / "migrations")).get_heads()) == 1
