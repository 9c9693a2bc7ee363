"""Take a site out as one file for reading: what every reader sees, nothing to load, nothing that runs."""

from __future__ import annotations

import re

from sqlalchemy import event

from forum import db
from forum.transfer.out import discussion
from tests import factories
from tests.cast import Cast
from tests.comments.talk import exchange_with_remarks
from tests.transfer import scene


def page(slug: str | None = None) -> str:
    """Return the archive for reading."""
    return scene.taken_out(slug, "html").decode()


def test_it_holds_the_article_and_its_thread_as_the_page_shows_them(cast: Cast) -> None:
    made = scene.furnish(cast)
    text = page(cast.article.slug)
    assert "The library opens on Saturday" in text
    assert f'id="c-{made["first"]}"' in text
    assert f'data-parent="{made["first"]}" data-level="' in text
    assert text.rstrip().endswith("</html>")


def test_rows_are_the_very_rows_of_the_page(cast: Cast) -> None:
    made = scene.furnish(cast)
    shown = cast.browser().get(f"/articles/{cast.article.slug}").text
    kept = page(cast.article.slug)
    for key in (made["first"], made["answer"], made["rude"], made["below"]):
        row = re.compile(rf'<article id="c-{key}" class="([^"]*)" data-parent="(\d*)" data-level="(\d+)"')
        assert row.search(kept).groups() == row.search(shown).groups()  # type: ignore[union-attr]


def test_remarks_stand_where_the_page_has_them(cast: Cast) -> None:
    made = exchange_with_remarks(cast)
    shown = cast.browser().get(f"/articles/{cast.article.slug}").text
    rows = re.compile(r'<article id="c-(\d+)" class="([^"]*)" data-parent="(\d*)" data-level="(\d+)"')
    assert rows.findall(page(cast.article.slug)) == rows.findall(shown)
    assert [int(row[0]) for row in rows.findall(shown)] == made


def test_nothing_is_loaded_and_nothing_runs(cast: Cast) -> None:
    scene.furnish(cast)
    text = page()
    assert not re.search(r"<(script|link|img|iframe|object|form|base)\b", text)
    assert not re.search(r"url\(|@import|\ssrc=|\son\w+=", text)
    assert not re.search(r'href="/', text)
    assert "default-src 'none'" in text


def test_the_stylesheet_is_in_it(cast: Cast) -> None:
    text = page()
    assert text.index("<style>") < text.index(".comment") < text.index("</style>") < text.index("<body")


def test_what_only_moderators_read_is_not_in_it(cast: Cast) -> None:
    scene.furnish(cast)
    text = page()
    assert "You cannot even push a door" not in text
    assert "I came by and saw it" not in text  # waits
    assert "Unkind" not in text
    assert "Enough." in text  # the answer to what was removed


def test_closing_words_stand_in_place(cast: Cast) -> None:
    scene.furnish(cast)
    text = page()
    assert "Let the joiner decide." in text
    assert "Until tomorrow." in text


def test_a_whole_site_begins_with_its_contents_and_leaves_drafts_out(cast: Cast) -> None:
    factories.article(cast.otto, "Not ready", status="draft")
    other = factories.article(cast.otto, "A second matter")
    text = page()
    assert f'href="#a-{other.id}"' in text
    assert f'id="a-{other.id}"' in text
    assert "Not ready" not in text


def test_one_article_may_be_a_draft_and_says_so(cast: Cast) -> None:
    draft = factories.article(cast.otto, "Not ready", status="draft")
    assert "was not published" in page(draft.slug)


def test_names_and_titles_are_words_not_markup(cast: Cast) -> None:
    factories.article(cast.otto, "<script>alert(1)</script>", slug="odd")
    assert "<script" not in page()


def test_no_id_stands_twice(cast: Cast) -> None:
    scene.furnish(cast)
    scene.many(factories.article(cast.otto, "Another"), 30, thread=5)
    ids = re.findall(r'\sid="([^"]+)"', page())
    assert len(ids) == len(set(ids))


def test_a_thread_longer_than_one_part_is_drawn_as_in_one(cast: Cast, monkeypatch: object) -> None:
    ids = scene.many(cast.article, 30, thread=30)
    db.lock(cast.article.id)
    for key in (ids[9], ids[19]):  # two side branches in the midst
        scene.comments.post(scene.actor(cast.tom), cast.article.id, "Aside", parent_id=key)
    db.commit()
    whole = _levels(page())
    monkeypatch.setattr(discussion, "AT_ONCE", 4)  # type: ignore[attr-defined]
    assert _levels(page()) == whole
    assert len(set(whole.values())) > 1


def test_a_chain_of_ten_thousand_and_as_many_answers_to_one(cast: Cast) -> None:
    scene.many(cast.article, 10_000, thread=10_000, body="So it is.")
    flat = factories.article(cast.otto, "Flat")
    first = scene.many(flat, 1, body="Say something.")[0]
    _answer(flat.id, first, 10_000)
    statements = _counted(lambda: page(flat.slug))
    assert statements < 60
    assert page(cast.article.slug).count("<article id=") == 10_000


def _answer(article_id: int, parent_id: int, number: int) -> None:
    article = db.session.get_one(scene.Article, article_id)
    ids = scene.many(article, number, thread=1, body="Here.")
    db.lock(article_id)
    table = scene.Comment.__table__
    db.session.connection().execute(table.update().where(table.c.id.in_(ids)).values(parent_id=parent_id))  # type: ignore[attr-defined]
    scene.rebuild(article_id)
    db.commit()


def _levels(text: str) -> dict[str, str]:
    return dict(re.findall(r'<article id="c-(\d+)"[^>]*data-level="(\d+)"', text))


def _counted(call: object) -> int:
    seen: list[str] = []

    def count(_c: object, _k: object, statement: str, *_: object) -> None:
        seen.append(statement)

    event.listen(db.engine(), "before_cursor_execute", count)
    try:
        call()  # type: ignore[operator]
    finally:
        event.remove(db.engine(), "before_cursor_execute", count)
    return len(seen)
