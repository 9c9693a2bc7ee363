"""The pages of export and import: for admins, complete or not at all, nothing by forgery."""

from __future__ import annotations

import errno
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import html5lib
import pytest
from flask import Flask
from werkzeug.test import TestResponse

from forum.articles.models import Article
from forum.transfer import queries, views
from forum.transfer.out import files, jsonl
from tests import factories
from tests.cast import Browser, Cast
from tests.comments.talk import let
from tests.transfer import scene
from tests.transfer.test_import_wxr import blog, comment, item


def upload(browser: Browser, data: bytes, format: str = "wxr", token: bool = True, **fields: str) -> TestResponse:
    """Send the import form as a browser would."""
    values = {"format": format, "file": (io.BytesIO(data), "export.xml"), **fields}
    if token:
        values["csrf_token"] = browser.token
    return browser.open("/admin/import", "POST", data=values, content_type="multipart/form-data")


def test_the_download_is_complete_and_says_how_long_it_is(cast: Cast) -> None:
    scene.furnish(cast)
    answer = cast.browser(cast.ada).get("/admin/export?format=jsonl")
    assert answer.status_code == 200
    assert int(answer.headers["Content-Length"]) == len(answer.data)
    assert answer.data == scene.taken_out()
    assert answer.headers["Content-Disposition"] == "attachment; filename=site.jsonl"
    assert "no-store" in answer.headers["Cache-Control"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_one_article_for_reading(cast: Cast) -> None:
    scene.furnish(cast)
    answer = cast.browser(cast.ada).get(f"/admin/export?format=html&article={cast.article.slug}")
    assert answer.text.startswith("<!doctype html>")
    assert answer.data == scene.taken_out(cast.article.slug, "html")


def test_an_article_is_chosen_by_its_title(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "OFFERED", 2)
    for number in range(3):
        factories.article(cast.otto, f"Later {number}")
    admin = cast.browser(cast.ada)
    page = html5lib.parse(admin.get("/admin/export").data, namespaceHTMLElements=False)
    assert _offered(page) == ["All articles", "Later 2", "Later 1"]
    assert "The newest 2 are listed." in "".join(page.itertext())
    assert [link.text for link in page.findall(".//nav[@class='admin-links']/a[@aria-current]")] == ["Export"]
    # An older one has the way there on its own page, and is chosen then.
    there = f"/admin/export?article={cast.article.slug}"
    assert f'href="{there}"' in admin.get(f"/articles/{cast.article.slug}").text
    chosen = html5lib.parse(admin.get(there).data, namespaceHTMLElements=False).find(".//option[@selected]")
    assert (chosen.get("value"), chosen.text) == (cast.article.slug, cast.article.title)
    assert admin.get(f"{there}&format=jsonl").data == scene.taken_out(cast.article.slug)


def test_any_article_is_found_by_words_of_its_title(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "OFFERED", 2)
    for number in range(3):
        factories.article(cast.otto, f"Über die Brücke {number}")
    admin = cast.browser(cast.ada)
    search = "/admin/export?format=csv&search=1&since=2025-01-01"
    page = html5lib.parse(admin.get(f"{search}&find=BRUCK+uber").data, namespaceHTMLElements=False)
    assert _offered(page) == ["All articles", "Über die Brücke 2", "Über die Brücke 1"]
    assert page.find(".//input[@name='since']").get("value") == "2025-01-01"  # what was chosen before stays
    assert page.find(".//option[@selected][@value='csv']") is not None
    title = cast.article.title.split()[-1]
    page = html5lib.parse(admin.get(f"{search}&find={title}").data, namespaceHTMLElements=False)
    assert cast.article.title in _offered(page)
    assert "No article has these words" in admin.get(f"{search}&find=rück").text  # not within a word


def _offered(page: Any) -> list[str]:
    return [option.text for option in page.find(".//select[@name='article']")]


@pytest.mark.parametrize("who", [None, "tom", "ida", "quill"])
def test_only_admins_are_offered_the_export_of_an_article(cast: Cast, who: str | None) -> None:
    browser = cast.browser(getattr(cast, who) if who else None)
    assert "/admin/export" not in browser.get(f"/articles/{cast.article.slug}").text


@pytest.mark.parametrize("article", ["%00", "a" * 5000, "..%2F..%2Fx", "%F0%9F%98%80", "a&article=b"])
def test_an_address_that_is_none_is_told(cast: Cast, article: str) -> None:
    browser = cast.browser(cast.ada)
    assert browser.get(f"/admin/export?article={article}").status_code in (200, 400, 414)
    assert browser.get(f"/admin/export?format=jsonl&article={article}").status_code in (400, 414, 422)


def test_a_failure_half_way_is_a_failure(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = jsonl.chunks

    def breaking(*arguments: object) -> object:
        for number, chunk in enumerate(whole(*arguments)):
            if number == 2:
                raise OSError("the disk is gone")
            yield chunk

    monkeypatch.setitem(files.CHUNKS, "jsonl", breaking)
    answer = cast.browser(cast.ada).get("/admin/export?format=jsonl")
    assert answer.status_code == 500
    assert b"manifest" not in answer.data


def test_a_full_disk_is_told(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaking(*_arguments: object) -> Iterator[bytes]:
        yield b"the beginning"
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setitem(files.CHUNKS, "html", breaking)
    answer = cast.browser(cast.ada).get("/admin/export?format=html")
    assert answer.status_code == 422
    assert "There is no room on the disk" in answer.text and "the beginning" not in answer.text


def test_no_file_is_left_behind(cast: Cast, app: Flask) -> None:
    before = set(Path(app.instance_path).iterdir())
    cast.browser(cast.ada).get("/admin/export?format=jsonl")
    assert set(Path(app.instance_path).iterdir()) == before


def test_an_unknown_article_or_format_is_told(cast: Cast) -> None:
    browser = cast.browser(cast.ada)
    unknown = browser.get("/admin/export?format=jsonl&article=nowhere")
    assert unknown.status_code == 422
    assert "There is no article at the address nowhere." in unknown.text
    assert "/admin/settings" in unknown.text  # the tabs of admins stay
    assert browser.get("/admin/export?format=exe").status_code == 422


@pytest.mark.parametrize("who", ["tom", "ida", "quill", "sven"])
def test_only_admins_come_in(cast: Cast, who: str) -> None:
    browser = cast.browser(getattr(cast, who))
    before = scene.everything()
    for answer in (
        browser.get("/admin/export"),
        browser.get("/admin/export?format=jsonl"),
        browser.get("/admin/import"),
        upload(browser, blog(item())),
    ):
        assert answer.status_code == 403
    assert scene.everything() == before


def test_visitors_are_sent_to_sign_in(cast: Cast) -> None:
    assert cast.browser().get("/admin/export?format=jsonl").status_code == 303


def test_an_upload_comes_in_and_is_told_in_counts(cast: Cast) -> None:
    browser = cast.browser(cast.ada)
    answer = upload(browser, blog(item(comment(1) + comment(2, 99))))
    assert answer.status_code == 303
    told = browser.get(answer.headers["Location"]).text
    assert "articles: 1, comments: 2" in told
    assert "missing, now at the top level: 1" in told
    assert '<p><a href="/">To the articles</a></p>' in told


def test_a_trial_is_told_and_writes_nothing(cast: Cast) -> None:
    browser = cast.browser(cast.ada)
    before = scene.everything()
    answer = upload(browser, blog(item()), dry_run="y")
    told = browser.get(answer.headers["Location"]).text
    assert "nothing was written" in told
    assert "To the articles" not in told
    assert scene.everything() == before


def test_after_a_trial_the_kind_of_file_is_still_chosen(cast: Cast) -> None:
    data, browser = scene.taken_out(), cast.browser(cast.ada)
    answer = upload(browser, data, "jsonl", dry_run="y")
    assert '<option selected value="jsonl">' in browser.get(answer.headers["Location"]).text
    assert browser.get("/admin/import?format=nonsense").status_code == 200


def test_an_archive_comes_in_through_the_page(cast: Cast, empty: Flask) -> None:
    scene.furnish(cast)
    data = scene.taken_out()
    with empty.app_context():
        other = Cast(empty)
        answer = upload(other.browser(other.ada), data, "jsonl")
        assert answer.status_code == 303
        assert scene.count(Article) == 2


def test_a_broken_file_is_told_beside_the_field(cast: Cast) -> None:
    before = scene.everything()
    answer = upload(cast.browser(cast.ada), b"<rss><channel>")
    assert answer.status_code == 422
    assert "Line 1: this is not well-formed" in answer.text
    assert "An export of WordPress is XML. Is this the right file?" in answer.text
    assert "well-formed (" not in upload(cast.browser(cast.ada), b"[1, 2]").text.replace("XML (", "")
    assert scene.everything() == before


def test_no_file_is_told(cast: Cast) -> None:
    browser = cast.browser(cast.ada)
    answer = browser.post("/admin/import", format="wxr")
    assert answer.status_code == 422
    assert "Choose a file first" in answer.text


def test_a_forged_upload_is_refused(cast: Cast) -> None:
    before = scene.everything()
    answer = upload(cast.browser(cast.ada), blog(item()), token=False)
    assert answer.status_code == 403
    assert scene.everything() == before


def test_admins_may_send_more_than_others_but_not_without_end(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    # Small numbers: the test client leaves the file open that it makes of a large upload.
    monkeypatch.setitem(cast.app.config, "MAX_CONTENT_LENGTH", 2_000)
    large = blog(item(content="x" * 20_000))
    assert upload(cast.browser(cast.ada), large).status_code == 303
    assert upload(cast.browser(cast.tom), large).status_code == 413
    monkeypatch.setattr(views, "MAX_UPLOAD", 100)
    assert upload(cast.browser(cast.ada), blog(item())).status_code == 413


def test_the_page_says_what_was_changed_with_examples(cast: Cast) -> None:
    browser = cast.browser(cast.ada)
    upload(browser, blog(item(content='<img src="/map.png">', title="The map")))
    assert "Pictures, now links: 1 (The map)." in browser.get("/admin/import").text


def test_a_report_has_a_line_for_each_thing(cast: Cast) -> None:
    browser = cast.browser(cast.ada)
    answer = upload(browser, blog(item(comment(1) + comment(2, 99))))
    told = browser.get(answer.headers["Location"]).text
    assert "\n" in told.partition("articles: 1")[2].partition("</p>")[0]


@pytest.mark.parametrize("data", [b"<rss", b"<a/>", b"<rss><channel/></rss>", b"<!DOCTYPE rss><rss/>"])
def test_what_is_wrong_with_an_export_is_said_in_the_language_of_the_site(cast: Cast, data: bytes) -> None:
    let(language="de")
    answer = upload(cast.browser(cast.ada), data)
    assert answer.status_code == 422
    assert re.search(r"\b(ist kein|Export hat)\b", error_of(answer))


def error_of(answer: TestResponse) -> str:
    """Return what the page says is wrong with a file."""
    return str(html5lib.parse(answer.data, namespaceHTMLElements=False).find(".//p[@class='error']").text)


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        (b'"type":"manifest"', b'"type":"nonsense"', "Zeile 1 des Archivs: sie ist kein Manifest"),
        (b'"type":"person"', b'"type":"nonsense"', "es gibt keinen Typ 'nonsense'"),
        (b'"username":"tom"', b'"username":7', "'username' kann nicht '7' sein"),
        (b'"display_name":"Tom"', b'"display_name":"Tim"', "die Prüfsumme passt nicht"),
        (b"\n{", b"\n[", "sie ist kein JSON"),
    ],
)
def test_what_is_wrong_with_an_archive_is_said_in_the_language_of_the_site(
    cast: Cast, before: bytes, after: bytes, words: str
) -> None:
    data = scene.taken_out()
    assert before in data
    let(language="de")
    answer = upload(cast.browser(cast.ada), data.replace(before, after, 1), "jsonl")
    assert answer.status_code == 422
    assert words in error_of(answer)
    assert error_of(answer).count(".") == 1


def test_what_does_not_hold_together_is_said_in_the_language_of_the_site(cast: Cast) -> None:
    scene.furnish(cast)
    data = scene.altered(scene.taken_out(), "comment", id=9999, author="nobody-here")
    let(language="de")
    answer = upload(cast.browser(cast.ada), data, "jsonl")
    assert answer.status_code == 422
    assert error_of(answer).startswith("Die Datei passt nicht zusammen: ")
    assert not re.search(r"\b(it|its|names|which|is)\b", error_of(answer)), error_of(answer)
