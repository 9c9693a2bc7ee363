"""Earlier versions of articles: kept, compared, brought back, erased, and shown to those who may see them."""

from __future__ import annotations

import random

import pytest
from sqlalchemy import select

from forum import db
from forum.articles import actions, versions
from forum.articles.models import Article, ArticleRevision
from forum.clock import now
from forum.errors import Conflict, Forbidden, NotFound
from forum.jobs.models import MadeFile, MadePart
from forum.ledger.models import Entry
from forum.text.differences import differences
from tests.articles.test_write import HOME, TYPED, write
from tests.cast import Cast
from tests.transfer import scene


def change(cast: Cast, body: str, **fields: str) -> None:
    """Let Ida save other words."""
    answer = cast.browser(cast.ida).post(f"{HOME}/edit", act="save", **{**TYPED, "body": body, **fields})
    assert answer.status_code == 303


def kept() -> list[ArticleRevision]:
    """Return all earlier versions, oldest first."""
    return db.session.query(ArticleRevision).order_by(ArticleRevision.id).all()


def test_what_was_replaced_is_kept_with_who_and_when(cast: Cast) -> None:
    article = write(cast, "publish", standfirst="First.")
    change(cast, "It should face **north**.")
    change(cast, "It should face **north**.", tags="other")  # no other words
    (version,) = kept()
    assert (version.article_id, version.source, version.standfirst) == (article.id, TYPED["body"], "First.")
    assert (version.editor_id, version.was_public) == (cast.ida.id, True)
    page = cast.browser(cast.ida).get(f"{HOME}/versions").text
    assert "when Ida saved another" in page
    shown = cast.browser(cast.ida).get(f"{HOME}/versions/{version.id}").text
    assert '<del><span class="hidden">Left out: </span>south</del>' in shown
    assert '<ins><span class="hidden">Added: </span>north</ins>' in shown


def test_a_version_comes_back_and_what_stood_there_is_kept(cast: Cast) -> None:
    article = write(cast, "publish")
    change(cast, "Second.", slug="third")
    change_id = kept()[0].id
    answer = cast.browser(cast.ida).post(f"/articles/third/versions/{change_id}/restore")
    assert answer.status_code == 303
    db.session.refresh(article)
    assert (article.source, article.slug) == (TYPED["body"], "third")
    assert {tag.slug for tag in article.tags} == {"square", "benches"}
    assert article.updated_at is None
    assert [version.source for version in kept()] == [TYPED["body"], "Second."]
    assert "face <strong>south" in cast.browser().get("/articles/third").text


def test_a_moderator_sees_only_what_readers_could_read(cast: Cast) -> None:
    write(cast, body="Secret draft.")
    change(cast, "Second draft.")
    cast.browser(cast.ida).post(f"{HOME}/publish")
    change(cast, "Third, in public.")
    secret, public = kept()
    quill = cast.browser(cast.quill)
    page = quill.get(f"{HOME}/versions").text
    assert f"/versions/{public.id}" in page
    assert f"/versions/{secret.id}" not in page
    answer = quill.get(f"{HOME}/versions/{secret.id}")
    assert answer.status_code == 404
    assert "Secret" not in answer.text
    assert "Second" in quill.get(f"{HOME}/versions/{public.id}").text
    assert f"/versions/{secret.id}" in cast.browser(cast.ida).get(f"{HOME}/versions").text
    for person in (cast.tom, cast.otto):
        answer = cast.browser(person).get(f"{HOME}/versions/{public.id}")
        assert answer.status_code == 403
        assert "Second draft" not in answer.text


def test_versions_of_what_was_taken_back_are_not_there_for_others(cast: Cast) -> None:
    write(cast, "publish")
    change(cast, "Second.")
    cast.browser(cast.ida).post(f"{HOME}/unpublish")
    for address in (f"{HOME}/versions", f"{HOME}/versions/{kept()[0].id}"):
        assert cast.browser(cast.quill).get(address).status_code == 404


def test_forged_and_strangers_acts_change_nothing(cast: Cast) -> None:
    article = write(cast, "publish")
    change(cast, "Second.")
    version = kept()[0]
    for act in ("restore", "erase"):
        address = f"{HOME}/versions/{version.id}/{act}"
        assert cast.browser(cast.ada).forge(address).status_code == 403
        for person in (cast.tom, cast.otto, cast.quill):
            assert cast.browser(person).post(address).status_code == 403
    other = cast.article
    with pytest.raises(NotFound):
        actions.restore(cast.ida, other.id, version.id)
    db.rollback()
    with pytest.raises(Forbidden):
        actions.restore(cast.otto, article.id, version.id)
    db.rollback()
    with pytest.raises(Forbidden):
        actions.erase_article_version(cast.ida, version.id)
    db.rollback()
    for strange in ("0", str(10**18), "x"):
        assert cast.browser(cast.ida).get(f"{HOME}/versions/{strange}").status_code == 404
        assert cast.browser(cast.ada).post(f"{HOME}/versions/{strange}/erase").status_code == 404
    assert cast.browser(cast.ida).get(f"/articles/{other.slug}/versions/{version.id}").status_code == 404
    assert cast.browser(cast.ada).post(f"/articles/{other.slug}/versions/{version.id}/erase").status_code == 404
    assert kept()[0].erased_at is None


def test_an_export_that_was_made_before_gives_no_erased_version_out(cast: Cast) -> None:
    write(cast, "publish", body="The address is Elm Street.")
    change(cast, "Nobody's address.")
    db.lock()
    file = MadeFile(person_id=cast.ada.id, name="all.jsonl", media_type="text/plain", subject={}, ready_at=now())
    db.session.add(file)
    db.session.flush()
    db.session.add(MadePart(file_id=file.id, number=0, data=b"The address is Elm Street."))
    db.commit()
    assert cast.browser(cast.ada).post(f"{HOME}/versions/{kept()[0].id}/erase").status_code == 303
    assert db.session.scalars(select(MadePart.number)).all() == []


def test_an_erased_version_is_blank_everywhere_and_does_not_come_back(cast: Cast) -> None:
    article = write(
        cast, "publish", body="The address is Elm Street.", standfirst="Elm.", title="A bench for the square"
    )
    change(cast, "Nobody's address.", standfirst="")
    change(cast, "Third.")
    first, second = kept()
    assert cast.browser(cast.ada).post(f"{HOME}/versions/{first.id}/erase").status_code == 303
    db.session.expire_all()
    row = {column.name: getattr(first, column.name) for column in ArticleRevision.__table__.c}
    assert "Elm" not in str(row)
    for address in (f"{HOME}/versions", f"{HOME}/versions/{first.id}", f"{HOME}/versions/{second.id}"):
        assert "Elm" not in cast.browser(cast.ida).get(address).text
    assert "Elm" not in scene.taken_out().decode()
    with pytest.raises(Conflict):
        actions.restore(cast.ida, article.id, first.id)
    db.rollback()
    with pytest.raises(Conflict):
        actions.erase_article_version(cast.ada, first.id)
    db.rollback()


def test_a_draft_goes_with_its_versions(cast: Cast) -> None:
    article_id = write(cast).id
    change(cast, "Second.")
    cast.browser(cast.ida).post(f"{HOME}/delete")
    assert db.session.get(Article, article_id) is None
    assert kept() == []


def test_a_long_list_goes_on(cast: Cast) -> None:
    article = write(cast, "publish")
    for number in range(versions.PAGE + 2):
        actions.edit(cast.ida, article.id, actions.check_words("T", f"Words {number}."))
        db.commit()
    first = versions.listed(article.id, everything=True)
    assert len(first.versions) == versions.PAGE
    rest = versions.listed(article.id, everything=True, before=first.older)
    assert (len(rest.versions), rest.older) == (2, None)
    assert "Older versions" in cast.browser(cast.ida).get(f"{HOME}/versions").text


def test_the_title_of_an_erased_version_goes_from_the_log_unless_it_still_stands(cast: Cast) -> None:
    article = write(cast, "publish")
    change(cast, "Second.", title="The bench of Elm Street")
    change(cast, "Third.", title="The bench of Elm Street")
    change(cast, "Fourth.", title="A bench")

    def logged() -> str:
        db.session.expire_all()
        return str(db.session.scalars(select(Entry.details).where(Entry.article_id == article.id)).all())

    _first, second, third = kept()
    actions.erase_article_version(cast.ada, second.id)
    db.commit()
    assert "Elm" in logged()  # the third version has it still
    actions.erase_article_version(cast.ada, third.id)
    db.commit()
    assert "Elm" not in logged()
    assert TYPED["title"] in logged()


def test_hostile_words_are_shown_as_words(cast: Cast) -> None:
    write(cast, "publish", body="<script>alert(1)</script> </del>")
    change(cast, "</ins><img src=x onerror=alert(1)>")
    page = cast.browser(cast.ida).get(f"{HOME}/versions/{kept()[0].id}").text
    assert "<script>alert" not in page
    assert "<img src=x" not in page


def test_differences_are_of_words_and_lose_none() -> None:
    older, newer = "It faces south.\n\nYes, it does.", "It faces the north.\n\nYes, it does.\n\nSince May."
    found = differences(older, newer)
    assert ("removed", "south") in found
    assert ("added", "the north") in found
    assert "".join(part.text for part in found if part.kind != "added") == older
    assert "".join(part.text for part in found if part.kind != "removed") == newer
    assert differences("a", "a") == [("same", "a")]
    assert differences("", "a") == [("added", "a")]
    assert differences("", "") == []


def test_long_unchanged_passages_are_left_out() -> None:
    long = "Some words about a bench. " * 100
    found = differences(f"One.\n{long}\nTwo.", f"Three.\n{long}\nTwo.")
    assert [part.kind for part in found] == ["removed", "added", "same", "skipped"]
    assert sum(len(part.text) for part in found) < 400


def test_a_word_in_thousands_of_lines_is_found() -> None:
    lines = [f"Line {number}.\n" for number in range(5_000)]
    found = differences("".join(lines), "".join([*lines[:2_000], "Line two thousand.\n", *lines[2_001:]]))
    assert [part for part in found if part.kind in ("removed", "added")] == [
        ("removed", "2000"),
        ("added", "two thousand"),
    ]


def test_lines_that_are_alike_in_the_most_costly_way_are_not_compared_one_by_one() -> None:
    """Each match is the first of what is left, and each line stands in many places: time by the cube."""
    older = [f"u{number % 100}\n" for number in range(2_900)]
    newer = [line for number in range(1_450) for line in (f"u{number % 100}\n", f"z{number}\n")]
    assert len(differences("".join(older), "".join(newer))) <= 4


@pytest.mark.parametrize("letters", [1, 2, 30, 5_000])
@pytest.mark.parametrize("lines", [1, 100, 5_000])
def test_200_kilobytes_of_anything_are_compared(letters: int, lines: int) -> None:
    random.seed(letters)
    words = [f"x{number} " for number in range(letters)]
    texts = ["\n".join("".join(random.choices(words, k=30_000 // lines)) for _ in range(lines)) for _ in range(2)]
    found = differences(*texts)
    if not any(part.kind == "skipped" for part in found):
        assert "".join(part.text for part in found if part.kind != "added") == texts[0]
