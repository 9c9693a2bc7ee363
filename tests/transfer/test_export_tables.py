"""Take discussions out as a table for spreadsheets and as Markdown: what every reader sees."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from forum import db
from forum.articles.models import Article
from forum.comments.models import Comment
from forum.text.as_markdown import as_markdown
from forum.text.rendering import render
from tests import factories
from tests.cast import Cast
from tests.comments.talk import exchange_with_remarks, say
from tests.transfer import scene

RUNS = ("javascript:", "vbscript:", "data:")


def table(slug: str | None = None) -> list[dict[str, str]]:
    """Return the rows of the table."""
    text = scene.taken_out(slug, "csv").decode("utf-8-sig")
    assert text.splitlines(keepends=True)[0].endswith(",text,address\r\n")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_a_row_a_comment_in_the_order_of_the_page_with_whom_it_answers(cast: Cast) -> None:
    made = scene.furnish(cast)
    shown = [
        int(id)
        for id in re.findall(r'<article id="c-(\d+)"', cast.browser().get(f"/articles/{cast.article.slug}").text)
    ]
    rows = table(cast.article.slug)
    assert [int(row["id"]) for row in rows] == shown
    found = {int(row["id"]): row for row in rows}
    last, rude = found[made["last"]], found[made["rude"]]
    assert (last["path"], last["depth"], last["answers"], last["name"]) == ("1.1.1", "2", "Rosa", "Tom")
    assert last["parent"] == str(made["answer"]) and last["text"] == "I did push, twice."
    assert (rude["state"], rude["name"], rude["text"]) == ("removed", "", "")
    assert rude["rule"].startswith("1. ")
    assert found[made["below"]]["answers"] == ""
    assert found[made["first"]]["text"].startswith("The door sticks.\n\nIt always did")
    assert found[made["first"]]["address"].endswith(f"/comments/{made['first']}")


def test_the_path_says_where_a_comment_stands(cast: Cast) -> None:
    made = exchange_with_remarks(cast)
    rows = table(cast.article.slug)
    paths = {int(row["id"]): row["path"] for row in rows}
    parents = {int(row["id"]): row["parent"] for row in rows}
    assert set(paths) == set(made) and len(set(paths.values())) == len(made)
    for id, path in paths.items():
        above = path.rpartition(".")[0]
        assert above == (paths[int(parents[id])] if parents[id] else "")


@pytest.mark.parametrize(
    "begin", ["=1+1", "+1", "-1", "@SUM(A1)", " =1", "\uff1d1+1", "\uff20SUM(A1)", '"=1+1"', "'=1"]
)
def test_what_a_spreadsheet_would_run_is_text(cast: Cast, begin: str) -> None:
    said = say(cast.tom, cast.article, "Hello.")
    db.lock(cast.article.id)
    db.session.get_one(Comment, said).html = f"<p>{begin}</p>"
    db.session.get_one(Article, cast.article.id).title = begin
    db.commit()
    (row,) = table(cast.article.slug)
    assert row["text"] == f"'{begin.strip()}" and row["title"].startswith("'")


def test_quotes_commas_and_lines_come_back(cast: Cast) -> None:
    say(cast.tom, cast.article, 'He said: "No, never",\n\nand left; 日本 😀')
    (row,) = table(cast.article.slug)
    assert row["text"] == 'He said: "No, never",\n\nand left; 日本 😀'


def test_a_whole_site_holds_what_is_out_and_a_draft_only_itself(cast: Cast) -> None:
    say(cast.tom, cast.article, "Out.")
    draft = factories.article(cast.otto, "Soon a draft")
    say(cast.tom, draft, "Not out.")
    db.lock()
    draft.status = "draft"
    db.commit()
    assert [row["text"] for row in table()] == ["Out."]
    assert [row["text"] for row in table(draft.slug)] == ["Not out."]
    assert "Not out" not in scene.taken_out(None, "markdown").decode()


def test_markdown_reads_as_the_thread_does(cast: Cast) -> None:
    made = scene.furnish(cast)
    text = scene.taken_out(cast.article.slug, "markdown").decode()
    assert text.startswith("# The library opens on Saturday\n")
    assert "**Tom**" in text and "The **door** sticks." in text and "replying to Rosa" in text
    assert "cannot even push" not in text and "*Removed, by the rule: 1" in text
    assert "Let the joiner decide." in text
    assert f"/comments/{made['first']}" not in text


@pytest.mark.parametrize(("typed", "made"), [
    ("***\n\nAfter a line.", "<hr />\n<p>After a line.</p>"),
    ("2. two\n3. three", '<ol start="2">\n<li>two</li>\n<li>three</li>\n</ol>'),
    ("Plain.", "<p>Plain.</p>"),
])  # fmt: skip
def test_a_comment_in_markdown_is_its_own_below_its_head(cast: Cast, typed: str, made: str) -> None:
    say(cast.rosa, cast.article, typed)
    page = MarkdownIt("commonmark").render(scene.taken_out(cast.article.slug, "markdown").decode())
    assert page.count("<strong>Rosa</strong>") == 1
    assert re.search(r"<p><strong>Rosa</strong>[^<]*</p>\n" + re.escape(made), page)


def test_a_long_exchange_stays_one_column_in_markdown(cast: Cast) -> None:
    exchange_with_remarks(cast)
    text = scene.taken_out(cast.article.slug, "markdown").decode()
    assert max(len(re.match(r"(> )*", line)[0]) // 2 for line in text.splitlines()) <= 1  # type: ignore[index]


@pytest.mark.parametrize(
    "typed",
    [
        "Plain *words* and **strong** ones.",
        "> a quotation\n>\n> of two parts\n\nand more",
        "- one\n- two\n  - deeper\n\n7. seven\n8. eight",
        "`code` and ``a ` tick``\n\n```\n<b>not bold</b>\n```",
        "[words](https://example.org/a_b?c=d&e=f) and https://example.org",
        "<script>alert(1)</script> & <b>raw</b> \\*no marks\\* 1. no list",
        "# no heading in comments\n\n+ plus\n\n---\n\n1986\\. A year",
        "A line\\\nand another",
    ],
)
def test_markdown_says_what_the_page_said(typed: str) -> None:
    html = render(typed)
    assert render(as_markdown(html)) == html


def test_a_table_and_headings_of_an_article() -> None:
    html = render("## A head\n\n| a | b |\n| --- | --- |\n| 1 | 2 |", article=True)
    assert render(as_markdown(html), article=True) == html


def test_no_markdown_begins_a_tag_or_an_address_that_runs(shared: Path) -> None:
    attacks = (shared / "xss" / "markdown-it-xss.md").read_text().split("\n\n")
    attacks += [str(one["data"]) for one in json.loads((shared / "xss" / "h5sc.json").read_text())["items"]]
    allowing = MarkdownIt("commonmark", {"html": True}).enable("table")
    for typed in attacks:
        for kind in ("markdown", "html"):
            made = allowing.parse(as_markdown(render(typed[:9000], kind)))
            for token in [*made, *(child for one in made for child in one.children or ())]:
                assert not token.type.startswith("html"), (kind, typed)
                assert not str(token.attrs.get("href", "")).lower().startswith(RUNS), (kind, typed)


def test_admins_choose_them_on_the_page(cast: Cast) -> None:
    say(cast.tom, cast.article, "Hello.")
    for format, ending, kind in (("csv", "csv", "text/csv"), ("markdown", "md", "text/markdown")):
        answer = cast.browser(cast.ada).get(
            "/admin/export", query_string={"format": format, "article": cast.article.slug}
        )
        assert (answer.status_code, answer.mimetype) == (200, kind)
        assert f"{cast.article.slug}.{ending}" in answer.headers["Content-Disposition"]
        assert "Hello." in answer.text
        assert cast.browser(cast.quill).get("/admin/export", query_string={"format": format}).status_code == 403
