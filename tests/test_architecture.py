"""The rules of the house, checked: who imports whom, who holds what, and how long anything may be.

docs/architecture.md says why. A failing test here prints the places; the fix is to move the code, not the rule.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from alembic.script import ScriptDirectory

from tests.architecture_table import ALGORITHMS, DRAWERS, FLOORS, LINE, NAMED, OUTSIDE

ROOT = Path(__file__).resolve().parent.parent
FORUM = ROOT / "forum"
# A session row is written when the page is done: nobody is left to commit.
COMMITS = {"people/sessions.py"}
# What begins a write without an actor: a token, a password or the machine decides. All else uses `lock_as`.
NO_ACTOR = {
    "acting.py lock_as",
    "demo/fill.py fill",
    "moderation/bulk.py purge_bulks",
    "people/actions/links.py use_reset_link",
    "people/actions/own.py authenticate",
    *(f"people/actions/mail.py {name}" for name in ("ask_for_reset", "pause_mail", "tell_of_new_browser")),
    "people/actions/mail.py verify_address",
    "people/actions/people.py sign_up",
    "people/actions/setup.py make_setup_link",
    "people/actions/setup.py set_up",
    "people/sessions.py _write",
    *(f"people/networks.py {name}" for name in ("remember_network", "forget_networks")),  # with a password; the worker
    # What the worker does by itself, and what it says of itself.
    *(f"jobs/actions.py {name}" for name in ("take", "fail", "postpone", "set_right", "seen", "gone")),
    "moderation/learning.py learn",
    *(f"search/actions.py {name}" for name in ("forget", "index_some", "note_everything", "_purges")),
    "moderation/checking.py answer",
    *(
        "ledger/actions.py seal",
        "comments/ending/counting.py lapse_some",
        "comments/ending/automatic.py announce_some",
        "comments/ending/automatic.py close_some",
        "moderation/erasing.py erase_withdrawn",
    ),
    "pictures/actions.py purge_unused",
    "moderation/alarm.py tell_of_late",
    "moderation/exchanges.py watch",
    "moderation/bulk.py go_on",
    "jobs/made.py purge_files",
    *("worker/exports.py _make", "worker/exports.py _give_up"),
    *(
        "following/telling.py tell_of_comments",
        "following/telling.py tell_of_article",
        "notifications/actions.py mark_shown",
        "comments/reading/visits.py note",
        "comments/reading/visits.py purge_visits",
        "notifications/by_mail.py _locked",
        "following/letters.py sent",
    ),
    # By a signed link, without an account.
    *(f"notifications/followers.py {name}" for name in ("ask_address", "confirm_address", "_locked")),
    *("notifications/followers.py settle_addresses", "notifications/actions.py purge_notices"),
    "jobs/actions.py forget_failed",
    *("people/letters.py _locked", "people/letters.py invitation", "worker/loop.py _do"),
    *("legal/actions.py file", "legal/actions.py erase_complainants"),  # by anybody without an account; the worker
    "transfer/actions.py _derive",
}
BINDS = re.compile(r"\(?actor(, article_id\)?)? = lock_a[st]\(actor")
# Names with an underscore that libraries document: of named tuples, rows, enumerations, Werkzeug's proxies, `os`.
DOCUMENTED = {"_replace", "_make", "_asdict", "_mapping", "_value_", "_get_current_object", "_exit"}
EDGE_ONLY = {"flask_login", "flask_wtf", "flask_limiter"}
ROLES = re.compile(r"\.role\b|\bis_(?:admin|moderator|author|staff)\b|Role\.|[\"'](?:reader|moderator|admin)[\"']")
# A block of data for search engines is no script: browsers do not run it.
SCRIPT = r"<script(?![^>]*\bsrc=|[^>]*\btype=.application/ld\+json.)"
INLINE = re.compile(rf"\|\s*safe\b|{SCRIPT}|<style\b|\sstyle=|\son[a-z]+\s*=", re.IGNORECASE)


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
            yield from ((f"{node.module}.{alias.name}", node.lineno) for alias in node.names)


def ours(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """Yield what a file imports of ours, as names inside the package."""
    yield from ((name.removeprefix("forum."), line) for name, line in imports(tree) if name.startswith("forum."))


@dataclass(frozen=True)
class Place:
    """The place of a file, or of what is imported; floor and drawer are empty where there is none."""

    room: str
    floor: str
    drawer: str

    def may_import(self, other: Place) -> bool:
        """Tell whether a file of a room may import from another place in the rooms."""
        if other.drawer not in DRAWERS[self.drawer].rooms:
            return False
        if self.room != other.room:
            return LINE.index(other.room) < LINE.index(self.room)
        if not other.floor or not self.floor:  # views beside the floors put the pages of the floors together
            return not other.floor or self.drawer == "views"
        return FLOORS[self.room].index(other.floor) <= FLOORS[self.room].index(self.floor)


def place(name: list[str]) -> Place:
    """Return the place of a dotted name inside the package, split: ["people", "queries", "viewers"]."""
    room, rest = name[0], name[1:]
    declared = [
        (len(file), drawer)
        for drawer, files in ALGORITHMS.get(room, {}).items()
        for file in files.split()
        if covers(file, ".".join(rest))
    ]
    floor = rest.pop(0) if rest and rest[0] in FLOORS.get(room, ()) else ""
    named = rest[0] if rest and rest[0] in NAMED else ""
    return Place(room, floor, max(declared)[1] if declared else named)


def at(path: str) -> Place:
    """Return the place of a file."""
    return place(path.removesuffix(".py").split("/"))


def covers(name: str, other: str) -> bool:
    """Tell whether a dotted name is another one, or one that it stands in."""
    return f"{other}.".startswith(f"{name}.")


def test_every_file_has_a_place() -> None:
    top = {path.name.removesuffix(".py") for path in FORUM.iterdir() if path.suffix in (".py", "")} - {"__pycache__"}
    assert top == {*OUTSIDE, *LINE, "static", "translations"}
    homeless = [
        path for path in sources() if at(path).room in LINE and not at(path).drawer and not path.endswith("__init__.py")
    ]
    assert homeless == []


def test_every_place_has_a_file() -> None:
    declared = {f"{room}/{file}" for room in ALGORITHMS for file in " ".join(ALGORITHMS[room].values()).split()}
    paths = {name.replace(".", "/") for name in declared}
    assert [name for name in sorted(paths) if not {f"{name}.py", f"{name}/__init__.py"} & set(sources())] == []


def test_every_file_imports_what_its_place_allows() -> None:
    wrong = [
        f"{path}:{line} imports forum.{name}"
        for path, tree in sources().items()
        for name, line in ours(tree)
        if not _may_import(path, name)
    ]
    assert wrong == []


def _may_import(path: str, name: str) -> bool:
    here, there = at(path), place(name.split("."))
    if here.room in OUTSIDE:
        return any(covers(allowed, name) for allowed in OUTSIDE[here.room])
    if not here.drawer:  # the room itself, which holds only its description
        return False
    if there.room in LINE:
        return here.may_import(there)
    return there.room in DRAWERS[here.drawer].outside


def test_only_views_know_the_web() -> None:
    wrong = [
        f"{path}:{line} imports {name}"
        for path, tree in sources().items()
        for name, line in imports(tree)
        if at(path).room in LINE
        and at(path).drawer != "views"
        and (name.split(".")[0] in ("flask", "werkzeug") or name.startswith("forum.web"))
    ]
    assert wrong == []


def test_only_the_edge_and_the_renderer_import_their_libraries() -> None:
    wrong = [
        f"{path}:{line} imports {name}"
        for path, tree in sources().items()
        for name, line in imports(tree)
        if (name.split(".")[0] in EDGE_ONLY and at(path).room != "web")
        or (name.split(".")[0] == "bleach" and path != "text/rendering.py")
    ]
    assert wrong == []


def test_actions_never_commit() -> None:
    wrong = [
        f"{path}:{node.lineno}"
        for path, tree in sources().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and node.attr == "commit"
        and at(path).room in LINE
        and at(path).drawer != "views"
        and path not in COMMITS
    ]
    assert wrong == []


def test_every_write_of_an_actor_asks_about_them_inside_the_lock() -> None:
    """A write begins with `actor = lock_as(actor, ...)`, or `lock_at`, so that no rule is asked about an older one."""
    locked, bound, begun = set(), 0, 0
    for tree in sources().values():
        for node in ast.walk(tree):
            begun += _calls(node, "lock_as") + _calls(node, "lock_at")
            bound += isinstance(node, ast.Assign) and bool(BINDS.match(ast.unparse(node)))
    for path, function, _ in functions():
        if any(_calls(node, "lock") for node in ast.walk(function)) and not path.startswith("db/"):
            locked.add(f"{path} {function.name}")
    assert locked == NO_ACTOR
    assert begun == bound > 20


def _calls(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] == name


def test_nothing_reads_what_a_library_keeps_to_itself() -> None:
    """A name with an underscore is our own, so the file that uses it also makes it, or a library documents it."""
    wrong = []
    for path, tree in sources().items():
        nodes = list(ast.walk(tree))
        ours = {node.name for node in nodes if isinstance(node, ast.FunctionDef | ast.ClassDef)} | DOCUMENTED
        ours |= {node.attr for node in nodes if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store)}
        ours |= {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
        used = [node for node in nodes if isinstance(node, ast.Attribute) and re.match(r"_[a-z]", node.attr)]
        wrong += [f"{path}:{node.lineno} {node.attr}" for node in used if node.attr not in ours]
        wrong += [f"{path} {name}" for name, _ in imports(tree) if _is_private(name)]
    assert wrong == []


def _is_private(name: str) -> bool:
    # Python documents `_thread`, and `_typeshed` is there for every checker of types.
    return any(re.match(r"_(?!_|thread$|typeshed$)", part) for part in name.split("."))


def test_markup_is_made_in_two_places() -> None:
    wrong = [
        f"{path}:{node.lineno}"
        for path, tree in sources().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "Markup"
        and path != "text/rendering.py"
        and at(path).room != "web"
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
        and "overload" not in map(ast.unparse, node.decorator_list)  # the function itself says it
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


def test_a_migration_imports_nothing_of_the_program() -> None:
    """What it does must stay what it was, whatever becomes of the program's tables and rules."""
    paths = sorted((ROOT / "migrations" / "versions").glob("*.py"))
    assert len(paths) > 40
    wrong = [
        f"{path.name} {name}"
        for path in paths
        for name, _ in imports(ast.parse(path.read_text("utf-8")))
        if name.split(".")[0] == "forum"
    ]
    assert wrong == []
