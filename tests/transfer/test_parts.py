"""A part of a site: a subject, a person, some days, and what fits several of these."""

from __future__ import annotations

import csv
import io
import re
from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from forum import db
from forum.clock import now
from forum.comments.models import Comment
from forum.errors import Invalid
from forum.moderation.models import Decision
from forum.site.models import Site
from forum.transfer.out import discussion
from forum.transfer.wanted import Wanted, read
from tests import factories
from tests.cast import Cast
from tests.comments.talk import say
from tests.moderation.scene import decide
from tests.transfer import scene

READERS = ("csv", "html", "markdown", "wxr")


def ids(format: str, slug: str | None = None, **wanted: object) -> list[int]:
    """Return the comments of an export, in its order."""
    data = scene.taken_out(slug, format, **wanted)
    if format == "jsonl":
        return [line["id"] for line in scene.of_type(data, "comment")]
    found = {
        "csv": r"/comments/(\d+)\r\n",
        "html": r'<article id="c-(\d+)"',
        "wxr": r"<wp:comment_id><!\[CDATA\[(\d+)",
    }
    return [int(id) for id in re.findall(found[format], data.decode())]


def dated(made: dict[str, int], **years: int) -> None:
    """Let comments have been written in the middle of a year."""
    db.lock()
    for name, year in years.items():
        moment = datetime(year, 7, 1, tzinfo=UTC)
        db.session.execute(update(Comment).where(Comment.id == made[name]).values(created_at=moment))
    db.commit()


def test_of_a_person_what_they_wrote_with_whom_it_answers(cast: Cast) -> None:
    made = scene.furnish(cast)
    mine = [made["first"], made["last"]]
    for format in ("csv", "html", "wxr"):
        assert ids(format, person="tom") == mine, format
    rows = list(csv.DictReader(io.StringIO(scene.taken_out(None, "csv", person="tom").decode("utf-8-sig"), newline="")))
    assert [(row["path"], row["answers"]) for row in rows] == [("1", ""), ("1.1.1", "Rosa")]  # the places of the whole
    text = scene.taken_out(None, "markdown", person="tom").decode()
    assert "Only what Tom wrote." in text and "replying to Rosa" in text and "Enough." not in text
    page = scene.taken_out(None, "html", person="tom").decode()
    assert "Only what Tom wrote." in page
    assert "“Then push.”" in page  # quoted, because it is not there
    # For WordPress, whose numbers are others, an answer to what is not there begins a thread.
    assert re.findall(r"<wp:comment_parent><!\[CDATA\[(\d+)", scene.taken_out(None, "wxr", person="tom").decode()) == [
        "0",
        "0",
    ]


@pytest.mark.parametrize("status", ["held", "hidden", "withdrawn", "sealed"])
def test_no_export_for_readers_tells_in_which_threads_somebody_wrote_what_is_not_shown(cast: Cast, status: str) -> None:
    thread, here = (say(cast.ida, cast.article, body) for body in ("A thread.", "Another one."))
    say(cast.tom, cast.article, "Shown.", here)
    gone = say(cast.tom, cast.article, "Not shown.", thread)
    db.lock(cast.article.id)
    db.session.get_one(Comment, gone).status = status
    db.commit()
    for wanted in ({"person": "tom"}, {"person": "tom", "since": date(2001, 1, 1)}):
        page = scene.taken_out(None, "html", **wanted).decode()
        assert page.count('class="thread"') == 1 and ">Thread 2<" in page, wanted
        text = scene.taken_out(None, "markdown", **wanted).decode()
        assert re.findall(r"^### (\d+)$", text, re.M) == ["2"], wanted


def test_of_a_person_the_complete_archive_has_what_is_above_and_comes_in_elsewhere(cast: Cast, empty: Flask) -> None:
    made = scene.furnish(cast)
    assert ids("jsonl", person="tom") == [made["first"], made["answer"], made["last"]]
    data = scene.taken_out(person="tom")
    assert scene.lines(data)[0]["part"] == {"person": "tom"}
    assert {line["username"] for line in scene.of_type(data, "person")} >= {"tom", "rosa", "ida"}
    with empty.app_context():
        scene.bring_in(data)
        assert scene.count(Comment) == 3
        assert scene.taken_out(person="tom") == data
        db.session.remove()


def test_readers_are_not_told_who_wrote_what_is_gone(cast: Cast) -> None:
    made = scene.furnish(cast)
    assert made["rude"] in ids("csv")
    for format in ("csv", "html", "wxr"):
        assert ids(format, person="otto") == []
    assert b"push a door" not in b"".join(scene.taken_out(None, format, person="otto") for format in READERS)


@pytest.mark.parametrize("format", [*READERS, "jsonl"])
def test_a_person_who_wrote_nothing_gives_a_file_that_says_so(cast: Cast, empty: Flask, format: str) -> None:
    scene.furnish(cast)
    data = scene.taken_out(None, format, person="nele")
    if format == "jsonl":
        assert [line["username"] for line in scene.of_type(data, "person")] == ["nele"]
        with empty.app_context():
            scene.bring_in(data)
            db.session.remove()
    elif format != "markdown":
        assert ids(format, person="nele") == []


def test_what_was_written_on_some_days(cast: Cast) -> None:
    made = scene.furnish(cast)
    dated(made, first=2020, answer=2021, last=2021)
    year = {"since": date(2021, 1, 1), "until": date(2021, 12, 31)}
    assert ids("csv", **year) == [made["answer"], made["last"]]
    assert ids("jsonl", **year) == [made["first"], made["answer"], made["last"]]
    assert set(ids("csv", since=date(2022, 1, 1))) == {made["rude"], made["below"]}  # the guest's waits for approval
    assert ids("csv", until=date(2020, 7, 1)) == [made["first"]]
    assert ids("csv", until=date(2020, 6, 30)) == []
    assert ids("csv", person="tom", **year) == [made["last"]]
    assert "from 1 January 2021 on" in scene.taken_out(None, "html", **year).decode()


def test_days_are_those_of_the_site(cast: Cast) -> None:
    made = scene.furnish(cast)
    db.lock()
    db.session.execute(update(Comment).values(created_at=datetime(2021, 1, 1, 2, tzinfo=UTC)))
    db.session.get_one(Site, 1).timezone = "America/New_York"
    db.commit()
    assert made["first"] in ids("csv", since=date(2020, 12, 31), until=date(2020, 12, 31))
    assert ids("csv", since=date(2021, 1, 1)) == []


def test_a_subject_has_its_articles_with_their_discussions(cast: Cast, empty: Flask) -> None:
    made = scene.furnish(cast)
    other = factories.article(cast.ida, "Elsewhere")
    scene.many(other, 3)
    factories.tag("boats", cast.article)
    draft = factories.article(cast.ida, "Not yet", status="draft", published_at=None)
    factories.tag("boats", draft)
    assert set(ids("csv", tag="boats")) == set(ids("csv", cast.article.slug))
    page = scene.taken_out(None, "html", tag="boats").decode()
    assert "Elsewhere" not in page and "Not yet" not in page and "5 comments" in page
    data = scene.taken_out(tag="boats")
    assert [line["slug"] for line in scene.of_type(data, "article")] == [cast.article.slug, draft.slug]
    assert set(ids("jsonl", tag="boats")) == set(made.values())
    assert ids("csv", other.slug, tag="boats") == []  # both at once
    with empty.app_context():
        scene.bring_in(data)
        assert scene.taken_out(tag="boats") == data
        db.session.remove()


@pytest.mark.parametrize(
    ("field", "wanted"),
    [
        ("article", Wanted(article="nowhere")),
        ("tag", Wanted(tag="'; DROP TABLE tags --")),
        ("person", Wanted(person="%")),
        ("since", Wanted(since=date(1, 1, 1))),
        ("until", Wanted(until=date(9999, 12, 31))),
        ("until", Wanted(since=date(2021, 1, 2), until=date(2021, 1, 1))),
    ],
)
def test_what_is_not_there_is_told_at_its_field(cast: Cast, field: str, wanted: Wanted) -> None:
    with pytest.raises(Invalid) as refused:
        scene.taken_out(
            wanted.article, "csv", tag=wanted.tag, person=wanted.person, since=wanted.since, until=wanted.until
        )
    assert set(refused.value.fields) == {field}
    answer = cast.browser(cast.ada).get("/admin/export", query_string={"format": "csv", **wanted.values()})
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text


HOSTILE = ("0", "2021", "2021-13-40", "x" * 5000, "\x00", "\ud800", "2021-01-01' OR 1=1", "99999999999-01-01")


@pytest.mark.parametrize("value", HOSTILE)
@pytest.mark.parametrize("field", ["since", "until", "person", "tag"])
def test_hostile_choices_are_refused(cast: Cast, field: str, value: str) -> None:
    asked = {"format": "jsonl", field: value.encode("utf-8", "surrogatepass")}
    assert cast.browser(cast.ada).get("/admin/export", query_string=asked).status_code in (400, 414, 422)


def test_the_page_sends_what_was_chosen_under_a_name_that_says_it(cast: Cast) -> None:
    scene.furnish(cast)
    answer = cast.browser(cast.ada).get("/admin/export?format=csv&person=tom&since=2001-01-01&article=&tag=&find=door")
    assert answer.headers["Content-Disposition"] == "attachment; filename=tom-2001-01-01.csv"
    assert answer.data == scene.taken_out(None, "csv", person="tom", since=date(2001, 1, 1))


def test_a_decision_names_only_what_is_in_the_part(cast: Cast, empty: Flask) -> None:
    made = scene.furnish(cast)
    decide(cast.quill, made["first"], "hide-replies")  # Rosa's replies go with Tom's comment
    data = scene.taken_out(person="otto")
    (named,) = [line["before"] for line in scene.of_type(data, "decision") if line["comment"] == made["first"]]
    assert str(made["answer"]) in named
    with empty.app_context():
        scene.bring_in(data)
        known = {str(id) for id in db.session.scalars(select(Comment.id))}
        before = [set(decision.before) for decision in db.session.scalars(select(Decision))]
        assert len(before) == 2 and all(ids <= known for ids in before)
        db.session.remove()


def test_long_threads_are_read_in_pieces_that_fit(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    made = scene.many(cast.article, 60, thread=25, body="a word")
    whole = {format: scene.taken_out(None, format) for format in READERS}
    for number in (1, 7, 25, 26):
        monkeypatch.setattr(discussion, "AT_ONCE", number)
        for format in ("csv", "wxr", "markdown"):
            assert scene.taken_out(None, format) == whole[format], (number, format)
        assert ids("html") == made
    assert len(ids("csv", until=(now() + timedelta(days=1)).date())) == 60


def test_what_was_wanted_can_be_kept(cast: Cast) -> None:
    for wanted in (Wanted(), Wanted("a", "b", "c", date(2021, 1, 1), date(2022, 1, 1))):
        assert read(wanted.values()) == wanted


def test_the_articles_of_a_person_are_there_without_a_comment(cast: Cast) -> None:
    factories.article(cast.otto, "Of Otto's")
    for format in ("html", "markdown", "wxr", "jsonl"):
        assert b"Of Otto" in scene.taken_out(None, format, person="otto"), format
    assert b"Of Otto" not in scene.taken_out(None, "html", person="otto", until=date(2001, 1, 1))
