"""The catalogues of translations: complete, compiled as they stand, and no text that a person reads outside them."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from jinja2 import Environment, nodes

ROOT = Path(__file__).resolve().parent.parent
FILES = sorted((ROOT / "forum" / "translations").glob("*/LC_MESSAGES/messages.po"))
PLACES = re.compile(r"%\(\w+\)[sd]|\{\w+\}")  # for programs, and for scripts
# Ends in a word behind which another one has to stand.
PIECE = re.compile(r"(?:^|\s)(?:a|an|about|and|at|by|for|from|of|or|than|the|to|under|with)\s*$", re.IGNORECASE)
# Labels, and what is whole as it is.
WHOLE = {"To", "From", "Where to", "Held by", "Quoted from", "Which comment it begins at", "What it is about"} | {
    "A change that readers should know of",
    "hid what a notice of law is about",
    "kept what a notice of law is about",
}
TAGS = re.compile(r"</?[a-z]+")
WORD = re.compile(r"[^\W\d_]{2,}")
WORDING = {"_", "_l", "gettext", "ngettext", "pgettext", "lazy_gettext"}
# What only the operator reads, at the command line, is in English; so is the demo.
OPERATORS = ("cli", "demo", "schema.py", "transfer/out/scope.py")
# Read by people, in every language as they are: names, units, keys, commands.
SAME = {"Correspondence", "Esc", "Enter", "forum", "set", "up", "kB", "HTML", "CSV", "RSS", "Atom"}
READ = ("title", "aria-label", "placeholder", "alt")  # attributes
UNREAD = ("style", "script", "code", "kbd", "title-data")  # elements
# What shows its text to somebody: in Python, the words given to these are from the catalogues.
SAYING = {"say", "flash", "Invalid", "NotFound", "Conflict", "SelectChoice", "Choice"}
FIELD = re.compile(r"[A-Z]\w*Field|Length|InputRequired|Regexp|NumberRange|ValidationError")
MACHINE = {"default", "format", "render_kw", "id", "coerce", "choices"}  # of a field: no words


@pytest.fixture(params=FILES, ids=lambda path: path.parent.parent.name)
def catalog(request: pytest.FixtureRequest) -> Catalog:
    """Return each catalogue in turn."""
    with request.param.open("rb") as file:
        return read_po(file, locale=request.param.parent.parent.name)


def test_there_is_german() -> None:
    assert "de" in {path.parent.parent.name for path in FILES}


def test_what_is_compiled_is_what_is_written(catalog: Catalog) -> None:
    """`make translations` compiles; a catalogue that was edited and not compiled would change nothing."""
    compiled = BytesIO()
    write_mo(compiled, catalog)
    path = ROOT / "forum" / "translations" / str(catalog.locale) / "LC_MESSAGES" / "messages.mo"
    assert path.read_bytes() == compiled.getvalue()


def test_no_text_is_a_piece_that_needs_another_behind_it() -> None:
    """Names and links stand in a text as placeholders; other languages have them elsewhere."""
    pieces = []
    with FILES[0].open("rb") as file:
        for message in read_po(file):
            for text in message.id if isinstance(message.id, tuple) else (message.id,):
                if PIECE.search(text) and text not in WHOLE:
                    pieces.append(text)
    assert pieces == []


def test_no_german_word_wants_a_time_in_another_case() -> None:
    """A length of time comes as "3 Tage", which is wrong behind words that want "3 Tagen"."""
    with (ROOT / "forum/translations/de/LC_MESSAGES/messages.po").open("rb") as file:
        texts = [text for message in read_po(file) for text in _texts(message.string)]
    wanting = r"\b(seit|in|nach|vor|mit|von|binnen) %\((time|half|most)\)s"
    assert [text for text in texts if re.search(wanting, text)] == []


def _texts(string: str | list[str] | tuple[str, ...]) -> list[str]:
    return [string] if isinstance(string, str) else list(string)


def test_translations_hold_what_their_texts_hold(catalog: Catalog) -> None:
    """The same placeholders and the same elements: a text with another placeholder would be a page that fails."""
    wrong = []
    for message in catalog:
        texts = message.id if isinstance(message.id, tuple) else (message.id,)
        said = message.string if isinstance(message.string, tuple) else (message.string,)
        if not message.id or not any(said):
            continue
        if message.fuzzy or len(said) != (catalog.num_plurals if message.pluralizable else 1) or not all(said):
            wrong.append(f"not whole: {message.id}")
        for number, words in enumerate(said):
            places = [set(PLACES.findall(text)) for text in texts]
            # The singular may leave its number out ("every minute"); nothing may have what its text has not.
            allowed = (places[-1], places[-1] - {"%(num)d", "%(num)s"}) if number == 0 else (places[-1],)
            if set(PLACES.findall(words)) not in (*allowed, places[0]):
                wrong.append(f"other placeholders: {words}")
            if "%" in re.sub(r"%%", "", PLACES.sub("", words)) or words[:1].isspace() != texts[0][:1].isspace():
                wrong.append(f"a stray % or space: {words}")
            if sorted(TAGS.findall(words)) != sorted(TAGS.findall(texts[0])):
                wrong.append(f"other elements: {words}")
    assert not wrong, "\n".join(wrong)


def test_a_catalog_has_every_text_and_no_other(catalog: Catalog, tmp_path: Path) -> None:
    """A developer who adds a text runs `make translations` and fills what is empty."""
    found = tmp_path / "messages.pot"
    command = [str(Path(sys.executable).with_name("pybabel")), "--quiet", "extract", "--mapping-file=pyproject.toml"]
    keywords = ["--keywords=_l", "--keywords=lazy_gettext"]
    subprocess.run([*command, *keywords, f"--output-file={found}", "."], cwd=ROOT, check=True, timeout=120)
    with found.open("rb") as file:
        texts = {(message.context, message.id) for message in read_po(file) if message.id}
    there = {(message.context, message.id): message.string for message in catalog if message.id}
    assert set(there) == texts
    empty = [id for (_context, id), words in there.items() if not (all(words) if isinstance(words, tuple) else words)]
    assert not empty


def test_no_text_stands_inside_an_f_string() -> None:
    """Babel does not look into f-strings before Python 3.12, so such a text would be in no catalogue."""
    found = [
        f"{path.relative_to(ROOT)}:{call.lineno}: {ast.unparse(call)}"
        for path in (ROOT / "forum").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.JoinedStr)
        for call in ast.walk(node)
        if isinstance(call, ast.Call) and getattr(call.func, "id", "") in WORDING
    ]
    assert not found, "\n".join(found)


def test_every_form_speaks_the_language_of_the_page() -> None:
    """A form made from WTForms' own class would show the English messages of WTForms."""
    wrong = [
        str(path.relative_to(ROOT))
        for path in (ROOT / "forum").rglob("forms.py")
        if path != ROOT / "forum" / "site" / "forms.py"
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module == "wtforms"
        if "Form" in {name.name for name in node.names}
    ]
    assert not wrong


@pytest.mark.parametrize("folder", ["", "mail", "transfer/archive"], ids=["pages", "letters", "archive"])
def test_templates_have_no_words_of_their_own(folder: str) -> None:
    found = []
    for path in (ROOT / "templates").rglob("*.*"):
        inside = str(path.parent.relative_to(ROOT / "templates"))
        if inside.startswith(("mail", "transfer/archive")) == bool(folder) and (not folder or inside == folder):
            found += [f"{path.relative_to(ROOT)}: {words}" for words in _words_of(path)]
    assert not found, "\n".join(found)


def test_programs_say_nothing_of_their_own() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line}: {words}"
        for path in (ROOT / "forum").rglob("*.py")
        if not str(path.relative_to(ROOT / "forum")).startswith(OPERATORS)
        for line, words in _said_by(ast.parse(path.read_text("utf-8")))
    ]
    assert not found, "\n".join(found)


def test_scripts_have_no_words_of_their_own() -> None:
    """A page hands its scripts what they say, in attributes."""
    said = re.compile(r"""["'`](?=[^"'`]*[A-Za-z]{2} [a-z])[A-Z][^"'`<>$(){}=\[\]]*["'`]""")
    for path in (ROOT / "forum" / "static").glob("*.js"):
        assert not said.findall(re.sub(r"//.*", "", path.read_text("utf-8"))), path


def test_the_search_for_words_finds_some(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text('<p title="Here">{{ _("Fine.") }} Read on {{ "Go on" if x }}{% set y = "Old news" %}</p>', "utf-8")
    assert sorted(_words_of(page)) == ["Go on", "Here", "Old news", "Read on"]
    program = ast.parse('web.say("Done.")\nweb.say(_("Fine."))\nx = StringField("Name", description="Yours")')
    assert [words for _line, words in _said_by(program)] == ["Done.", "Name", "Yours"]


class _Texts(HTMLParser):
    """The texts and read attributes of a page whose expressions are taken out."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._inside: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        if tag in UNREAD:
            self._inside.append(tag)
        self.found += [value for name, value in attributes if name in READ and value]

    def handle_endtag(self, tag: str) -> None:
        if self._inside and self._inside[-1] == tag:
            self._inside.pop()

    def handle_data(self, data: str) -> None:
        if not self._inside:
            self.found.append(data)


def _words_of(path: Path) -> Iterator[str]:
    """Yield what a template says that is from no catalogue."""
    source = path.read_text("utf-8")
    bare = re.sub(r"\{#.*?#\}|\{%.*?%\}", "", source, flags=re.DOTALL)
    texts = _Texts()
    texts.feed(re.sub(r"\{\{.*?\}\}", "\N{BULLET}", bare, flags=re.DOTALL))
    for text in texts.found:
        if any(word not in SAME for word in WORD.findall(re.sub(r"(?<![<\w])/\S+", "", text))):  # a path is no text
            yield text.replace("\N{BULLET}", " ").strip()
    tree = Environment(extensions=["jinja2.ext.i18n", "jinja2.ext.do"]).parse(source)
    yield from _constants(tree)


def _constants(node: nodes.Node) -> Iterator[str]:
    """Yield the sentences among the constants of a template, but for those that are looked up."""
    if isinstance(node, nodes.Call) and isinstance(node.node, nodes.Name) and node.node.name in WORDING:
        return
    if isinstance(node, nodes.Const) and isinstance(node.value, str) and re.match(r"[A-Z][a-z]+ [a-z]", node.value):
        yield node.value
    for child in node.iter_child_nodes():
        yield from _constants(child)


def _said_by(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Yield the literal words that a program gives to what shows them."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name in SAYING or FIELD.fullmatch(name):
                given = [*node.args[1 if name in ("SelectChoice", "Choice") else 0 :]]
                given += [key.value for key in node.keywords if key.arg not in MACHINE]
                for value in given:
                    yield from ((value.lineno, words) for words in _literals(value))


def _literals(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and WORD.search(node.value):
        yield node.value
    elif isinstance(node, ast.Dict):
        for value in node.values:
            yield from _literals(value)
    elif isinstance(node, ast.IfExp):
        yield from (*_literals(node.body), *_literals(node.orelse))
    elif isinstance(node, ast.JoinedStr):
        yield from (part for value in node.values for part in _literals(value))
