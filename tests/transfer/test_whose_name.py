"""Nobody's file writes in the name of somebody here: a person is the same only where nobody uses the account."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from forum import db
from forum.articles.models import Article
from forum.comments.models import Comment
from forum.people.lookalikes import looks
from forum.people.models import NameKey, Person, Session
from tests import factories
from tests.cast import Cast
from tests.transfer import scene
from tests.transfer.test_import_wxr import blog, comment, item

NEW = "I never said so."


def _chooses_a_password(person: Person) -> None:
    person.password_hash = "a hash"


def _signs_in(person: Person) -> None:
    db.session.add(Session(token_hash="a hash", person_id=person.id))


def _becomes_a_moderator(person: Person) -> None:
    person.role = "moderator"


TAKEN = pytest.mark.parametrize("taken", [_chooses_a_password, _signs_in, _becomes_a_moderator])


def _taken(taken: Callable[[Person], None], person: Person) -> int:
    db.lock()
    taken(person)
    db.commit()
    return person.id


def _with_new(data: bytes, author: str) -> bytes:
    """Return an archive with one comment more."""
    records = scene.lines(data)
    last = [record for record in records if record["type"] == "comment"][-1]
    new = {key: value for key, value in last.items() if key != "guest"}
    new |= {"id": last["id"] + 500, "parent": None, "author": author, "source": NEW}
    records.insert(records.index(last) + 1, new)
    return scene.sealed(records)


def _writer() -> Person:
    query = select(Person).join(Comment, Comment.author_id == Person.id).where(Comment.html.contains(NEW))
    return db.session.scalars(query).one()


def _adds_nothing(data: bytes, format: str = "jsonl") -> bool:
    before = scene.everything()
    return scene.bring_in(data, format).added == {} and scene.everything() == before


@pytest.mark.parametrize("name", ["ada", "quill", "tom"])
def test_an_archive_with_our_own_origin_writes_for_nobody_here(cast: Cast, name: str) -> None:
    scene.furnish(cast)
    data = _with_new(scene.taken_out(), name)
    victim = cast.ids()[name]
    report = scene.bring_in(data)
    writer = _writer()
    assert (writer.id != victim, writer.username, writer.password_hash) == (True, f"{name}-2", None)
    assert report.examples["renamed"] == [f"{name} → {name}-2"]
    assert (report.added["person"], report.added["comment"]) == (1, 1)
    assert _adds_nothing(data)


def test_the_admin_may_say_that_they_are_the_same(cast: Cast) -> None:
    scene.furnish(cast)
    report = scene.bring_in(_with_new(scene.taken_out(), "tom"), same_people=True)
    assert (_writer().id, report.added.get("person")) == (cast.tom.id, None)


def test_an_archive_that_says_its_people_came_from_here_writes_for_nobody_here(cast: Cast) -> None:
    scene.furnish(cast)
    data = scene.taken_out()
    origin = scene.lines(data)[0]["origin"]
    records = scene.lines(_with_new(data, "tom"))
    next(record for record in records if record.get("username") == "tom").update(origin=origin, foreign_id="6")
    scene.bring_in(scene.sealed(records))
    assert _writer().id not in cast.ids().values()


def test_nobody_of_an_archive_is_the_admin_of_a_new_site(cast: Cast, empty: Flask) -> None:
    scene.furnish(cast)
    records = scene.lines(scene.taken_out())
    records.insert(2, {**records[1], "id": 900, "username": "ida-2", "display_name": "Ida 2"})
    data = scene.sealed(records)
    with empty.app_context():
        admin = factories.person("Ida", "admin")
        report = scene.bring_in(data)
        author = db.session.get_one(Person, db.session.scalars(select(Article.author_id)).one())
        assert (author.id != admin.id, author.username, author.display_name) == (True, "ida-2", "Ida 2")
        assert report.examples["renamed"] == ["ida → ida-2", "ida-2 → ida-2-2"]
        assert len({key.person_id for key in db.session.scalars(select(NameKey))}) == 11


def test_who_is_not_called_as_the_sign_in_name_that_is_taken_keeps_the_name(cast: Cast) -> None:
    data = blog(item()).replace(b"<wp:author_login>lene", b"<wp:author_login>admin").replace(b">lene<", b">admin<")
    scene.bring_in(data, "wxr")
    person = db.session.scalars(select(Person).where(Person.origin.is_not(None))).one()
    assert (person.username, person.display_name) == ("admin-2", "Lene Holm")
    assert looks("Lene Holm") <= set(db.session.scalars(select(NameKey.key).where(NameKey.person_id == person.id)))


def test_a_sign_in_name_that_no_number_mends_is_another(cast: Cast) -> None:
    name = "tea\u05d0".encode()  # one word in both directions
    scene.bring_in(blog(item()).replace(b">lene<", b">%s<" % name), "wxr")
    person = db.session.scalars(select(Person).where(Person.origin.is_not(None))).one()
    assert (person.username, person.display_name) == (f"author-{person.id}", "Lene Holm")


@pytest.mark.parametrize("shown", ["Tom", "admin"])
def test_a_name_that_somebody_has_is_numbered(cast: Cast, shown: str) -> None:
    db.lock()
    db.session.add_all(NameKey(key=key, person_id=cast.tom.id) for key in looks("Tom"))
    db.commit()
    scene.bring_in(blog(item()).replace(b"Lene Holm", shown.encode()), "wxr")
    person = db.session.scalars(select(Person).where(Person.origin.is_not(None))).one()
    assert (person.username, person.display_name) == ("lene", f"{shown} 2")


@TAKEN
def test_a_person_who_took_an_account_of_an_archive_over_is_a_stranger_to_it(
    cast: Cast, empty: Flask, taken: Callable[[Person], None]
) -> None:
    scene.furnish(cast)
    data = scene.taken_out()
    with empty.app_context():
        Cast(empty)
        scene.bring_in(data)
        imported = db.session.scalars(select(Person).where(Person.username == "tom-2")).one()
        victim = _taken(taken, imported)
        assert _adds_nothing(data)
        longer = _with_new(data, "tom")
        scene.bring_in(longer)
        assert (_writer().id != victim, _writer().username) == (True, "tom-3")
        assert _adds_nothing(longer)


def test_a_person_who_was_not_taken_over_goes_on(cast: Cast, empty: Flask) -> None:
    scene.furnish(cast)
    data = scene.taken_out()
    with empty.app_context():
        Cast(empty)
        scene.bring_in(data)
        scene.bring_in(_with_new(data, "tom"))
        assert _writer().username == "tom-2"


@TAKEN
def test_a_person_who_took_a_blogs_account_over_is_a_stranger_to_the_blog(
    app: Flask, taken: Callable[[Person], None]
) -> None:
    data = blog(item(comment(1, user_id="7")))
    scene.bring_in(data, "wxr")
    victim = _taken(taken, db.session.scalars(select(Person)).one())
    assert _adds_nothing(data, "wxr")
    longer = blog(item(comment(1, user_id="7") + comment(2, user_id="7", content=NEW)))
    report = scene.bring_in(longer, "wxr")
    assert (_writer().id != victim, _writer().username) == (True, "lene-2")
    assert report.examples["renamed"] == ["lene → lene-2"]
    assert _adds_nothing(longer, "wxr")


def test_a_person_who_took_the_unknown_author_over_gets_no_more_articles(app: Flask) -> None:
    scene.bring_in(blog(item(creator="")), "wxr")
    person = db.session.scalars(select(Person).join(Article, Article.author_id == Person.id)).one()
    victim = _taken(_chooses_a_password, person)
    for number in ("2", "3"):
        scene.bring_in(blog(item(creator="", post_id=number, post_name=f"number-{number}", title=number)), "wxr")
    authors = db.session.scalars(select(Article.author_id).where(Article.title.in_(["2", "3"]))).all()
    assert (len(authors), len(set(authors)), victim in authors) == (2, 1, False)


@pytest.mark.parametrize(("login", "named"), [("lene", "lene"), ("ida-admin", "author-")])
def test_a_name_kept_for_staff_is_another_and_ends_the_numbering(cast: Cast, login: str, named: str) -> None:
    data = (
        blog(item())
        .replace(b"Lene Holm", b"Ida (Admin)")
        .replace(b"<wp:author_login>lene", b"<wp:author_login>%s" % login.encode())
    )
    scene.bring_in(data.replace(b">lene<", b">%s<" % login.encode()), "wxr")
    person = db.session.scalars(select(Person).where(Person.origin.is_not(None))).one()
    assert person.display_name.startswith(named)
