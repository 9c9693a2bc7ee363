"""Take a site out as JSON Lines: complete, in order, without secrets, from one moment."""

from __future__ import annotations

import hashlib
import json

import pytest
from flask import Flask
from sqlalchemy import select

from forum import db
from forum.comments import statuses
from forum.comments.models import Comment
from forum.errors import Invalid
from forum.moderation import erasing
from forum.people import actions as people
from forum.people.models import Person
from forum.site import actions as site
from forum.site.models import Site
from forum.transfer.out import jsonl
from forum.transfer.out.scope import Export, scope
from forum.transfer.views import draw
from forum.transfer.wanted import Wanted
from tests.cast import Cast
from tests.transfer import scene

CONTRACT = ["id", "article", "parent", "author", "status", "created_at", "edited_at", "format", "source"]


def test_the_manifest_stands_at_both_ends_and_counts_every_type(cast: Cast) -> None:
    scene.furnish(cast)
    data = scene.taken_out()
    records = scene.lines(data)
    assert (records[0]["type"], records[0]["id"]) == ("manifest", "begin")
    assert (records[-1]["type"], records[-1]["id"]) == ("manifest", "end")
    found = {type: len(scene.of_type(data, type)) for type in records[0]["counts"]}
    assert records[0]["counts"] == records[-1]["counts"] == found
    assert found["comment"] == 6
    assert min(found[type] for type in ("revision", "closure", "flag", "decision", "notice", "act")) > 0


def test_the_last_line_seals_all_lines_before_it(cast: Cast) -> None:
    data = scene.taken_out()
    before, last = data[: data.rstrip(b"\n").rindex(b"\n") + 1], scene.lines(data)[-1]
    assert last["sha256"] == hashlib.sha256(before).hexdigest()


def test_every_line_begins_with_its_type_and_its_id(cast: Cast) -> None:
    scene.furnish(cast)
    assert all(list(record)[:2] == ["type", "id"] for record in scene.lines(scene.taken_out()))


def test_a_comment_has_the_fields_that_scripts_rely_on(cast: Cast) -> None:
    made = scene.furnish(cast)
    answer = next(line for line in scene.of_type(scene.taken_out(), "comment") if line["id"] == made["answer"])
    assert list(answer)[1:] == CONTRACT
    assert (answer["article"], answer["parent"], answer["author"]) == (cast.article.slug, made["first"], "rosa")
    assert answer["created_at"].endswith("Z")


def test_a_guest_has_a_name_instead_of_an_author(cast: Cast) -> None:
    made = scene.furnish(cast)
    guest = next(line for line in scene.of_type(scene.taken_out(), "comment") if line["id"] == made["guest"])
    assert "author" not in guest
    assert guest["guest"] == "Passer-by"


def test_rows_come_in_the_order_of_their_ids(cast: Cast) -> None:
    scene.furnish(cast)
    data = scene.taken_out()
    for type in scene.lines(data)[0]["counts"]:
        ids = [record["id"] for record in scene.of_type(data, type)]
        assert ids == sorted(ids)


def test_twice_gives_the_same_bytes(cast: Cast) -> None:
    scene.furnish(cast)
    assert scene.taken_out() == scene.taken_out()


def test_text_stays_readable_and_nothing_derived_is_in_it(cast: Cast) -> None:
    scene.furnish(cast)
    data = scene.taken_out().decode()
    assert "😀" in data
    for word in ('"html"', '"pos"', '"depth"', '"root_id"', '"reply_count"', '"password', '"post_key"'):
        assert word not in data


def test_no_secret_and_no_address_is_in_it(cast: Cast) -> None:
    db.lock()
    tom = db.session.get_one(Person, cast.tom.id)
    tom.email, tom.password_hash = "canary@mail.example", "canary-hash"
    db.commit()
    made = scene.furnish(cast)
    db.lock(cast.article.id)
    db.session.get_one(Comment, made["guest"]).guest_email = "canary@guest.example"
    db.commit()
    change = {"url": "https://canary.example", "contact": "canary@site.example"}
    site.change_settings(scene.actor(cast.ada), change)
    db.commit()
    people.make_invitation(scene.actor(cast.ada), "for canary@invited.example")
    db.commit()
    assert b"canary" not in scene.taken_out()


def test_an_erased_comment_comes_without_its_text(cast: Cast) -> None:
    made = scene.furnish(cast)
    db.lock(cast.article.id)
    statuses.erase(db.session.get_one(Comment, made["last"]))
    db.commit()
    line = next(line for line in scene.of_type(scene.taken_out(), "comment") if line["id"] == made["last"])
    assert (line["status"], line["source"]) == ("erased", None)


def test_an_erased_text_is_nowhere_in_the_archive(cast: Cast) -> None:
    made = scene.furnish(cast)
    scene.write(cast.rosa, cast.article, "The word to find is xylophone.", made["guest"] - 1)
    erased = db.session.scalars(select(Comment.id).order_by(Comment.id.desc())).first()
    assert b"xylophone" in scene.taken_out()
    erasing.erase_comment(scene.actor(cast.ada), int(erased or 0))
    db.commit()
    assert b"xylophone" not in scene.taken_out()


def test_an_erased_guest_is_nobody(cast: Cast) -> None:
    made = scene.furnish(cast)
    db.lock(cast.article.id)
    statuses.erase(db.session.get_one(Comment, made["guest"]))
    db.commit()
    line = next(line for line in scene.of_type(scene.taken_out(), "comment") if line["id"] == made["guest"])
    assert line["author"] is None
    assert "guest" not in line


def test_one_article_comes_with_all_that_belongs_to_it_and_no_more(cast: Cast) -> None:
    scene.furnish(cast)
    data = scene.taken_out(cast.article.slug)
    assert [line["slug"] for line in scene.of_type(data, "article")] == [cast.article.slug]
    names = {line["username"] for line in scene.of_type(data, "person")}
    assert names == {"ida", "tom", "rosa", "otto", "quill", "nele"}
    assert len(scene.of_type(data, "comment")) == 6
    assert "site" not in scene.lines(data)[0]
    assert scene.of_type(data, "act") == []


def test_an_unknown_article_is_told(cast: Cast) -> None:
    with pytest.raises(Invalid, match="no-such-article"):
        scene.taken_out("no-such-article")


def test_it_shows_one_moment_while_others_write(cast: Cast) -> None:
    scene.furnish(cast)
    before = scene.taken_out()
    with db.snapshot() as connection:
        chunks = jsonl.chunks(Export(connection, scope(connection, Wanted()), draw))
        first = next(chunks)
        scene.write(cast.tom, cast.article, "Written in between.")
        during = first + b"".join(chunks)
    assert during == before


def test_an_empty_database_is_an_archive_too(app: Flask) -> None:
    records = scene.lines(scene.taken_out())
    assert [record["id"] for record in records] == ["begin", "end"]
    assert records[0]["origin"] == db.session.scalar(select(Site.origin))


def test_a_failure_half_way_is_no_archive(cast: Cast) -> None:
    scene.furnish(cast)
    with db.snapshot() as connection:
        half = b"".join(list(jsonl.chunks(Export(connection, scope(connection, Wanted()), draw)))[:5])
    with pytest.raises(Exception, match="cut off"):
        scene.bring_in(half)


def test_json_of_every_line_is_compact(cast: Cast) -> None:
    line = scene.taken_out().splitlines()[1]
    assert line.decode() == json.dumps(json.loads(line), ensure_ascii=False, separators=(",", ":"))
