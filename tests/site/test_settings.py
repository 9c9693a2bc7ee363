"""The settings of the site: changed, logged, undone; the logo and the colour (bar 34)."""

import json
import re
import struct
import zlib
from dataclasses import asdict, replace
from io import BytesIO

import pytest
from PIL import Image, PngImagePlugin

from forum import create_app, db
from forum.errors import Conflict, Invalid
from forum.ledger import queries as ledger
from forum.site import actions, choices, colours, queries
from forum.site.logo import drawn_anew
from forum.site.models import SiteChange
from forum.site.starters import SLUGS
from tests.cast import Browser
from tests.people.members import as_actor

TYPED = {
    "name": "The Reading Room",
    "tagline": "Slow talk",
    "url": "",
    "contact": "",
    "language": "en",
    "timezone": "Europe/Berlin",
    "accent": "",
    "footer_links": "About us https://example.org/about",
    "sign_up": "approval",
    "who_may_comment": "guests",
    "edit_minutes": "15",
    "public_history": "y",
    "hold_guests": "y",
    "hold_first": "3",
    "hold_links": "4",
    "auto_close_days": "30",
    "auto_close_silent_days": "0",
    "report_limit": "3",
    "watch_exchanges": "y",
    "suspension_days": "30",
    "notice_days": "7",
    "complainants_days": "180",
    "network_days": "30",
    "picture_megabytes": "10",
    "picture_megapixels": "50",
    "article_pictures": "40",
    "hold_words": "casino\n\n  win big \ncasino",
}


def picture(size=(800, 400), kind="PNG", **options):
    file = BytesIO()
    Image.new("RGB", size, "#0b5c6b").save(file, kind, **options)
    return file.getvalue()


def bomb():
    """Return the head of a PNG that says it is 50,000 x 50,000."""

    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", 50_000, 50_000, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")
    )


def save(browser, **fields):
    """Post the form of the settings; one of its fields is called `url`, as `Browser.post`'s first argument is."""
    typed = {"csrf_token": browser.token, **TYPED, **fields}
    return browser._ask(browser.client.post, "/admin/settings", data=typed, content_type="multipart/form-data")


def upload(browser, data, name="logo.png"):
    return save(browser, logo=(BytesIO(data), name))


def test_changed_logged_and_shown(cast):
    browser, version = cast.browser(cast.ada), queries.site().version
    assert save(browser).status_code == 303
    site = queries.site()
    assert site.version != version
    assert (site.tagline, site.sign_up, site.who_may_comment, site.edit_minutes) == (
        "Slow talk",
        "approval",
        "guests",
        15,
    )
    assert (site.hold_guests, site.hold_everything, site.hold_first, site.hold_links) == (True, False, 3, 4)
    assert site.hold_words == ["casino", "win big"]
    assert "https://example.org/about" in cast.browser().get("/rules").text
    assert "sign_up" in ledger.acts("site.settings")[0].details["after"]
    page = browser.get("/admin/settings").text
    assert "Slow talk" in page
    assert "Everybody, after an admin has said yes" in page


def test_no_text_of_it_turns_a_line_around(cast):
    turned = "Words\u202e\u061c e" + "\u0301" * 20
    texts = dict.fromkeys(("name", "tagline", "contact", "hold_words", "auto_close_words"), turned)
    assert save(cast.browser(cast.ada), **texts, footer_links=f"{turned} https://a.example/").status_code == 303
    kept = json.dumps([asdict(queries.site()), ledger.acts("site.settings")[0].details], default=str)
    assert [sign for sign in ("\\u202e", "\\u061c", "\\u0301" * 6) if sign in kept] == []
    assert kept.count("Words") >= 2 * len(texts)


@pytest.mark.parametrize("typed", ["https://Forum.Example.:443/", "https://forum.example"])
def test_its_address_is_kept_as_browsers_spell_it(cast, typed):
    assert save(cast.browser(cast.ada), url=typed).status_code == 303
    assert queries.site().url == "https://forum.example"


def test_nothing_different_is_no_change(cast):
    browser = cast.browser(cast.ada)
    save(browser)
    save(browser)
    assert len(queries.changes()) == 1


def test_undo(cast):
    browser = cast.browser(cast.ada)
    save(browser)
    change = queries.changes()[0]
    assert browser.post(f"/admin/settings/{change.id}/undo").status_code == 303
    site = queries.site()
    assert (site.tagline, site.sign_up, site.footer_links) == ("", "open", [])
    assert ledger.acts("site.undo")
    assert browser.post(f"/admin/settings/{change.id}/undo").status_code == 409


def test_undo_of_what_was_changed_again_is_refused(cast):
    ada = as_actor(cast.ada)
    first = actions.change_settings(ada, {"tagline": "One"})
    actions.change_settings(ada, {"tagline": "Two"})
    db.commit()
    with pytest.raises(Conflict):
        actions.undo_change(ada, first.id)
    db.rollback()
    assert queries.site().tagline == "Two"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(("accent", "#ffe9a0"), ("accent", "red"), ("accent", "#12345g"), ("name", ""), ("timezone", "Mars/Olympus")),
        *(
            ("url", "javascript:alert(1)"),
            ("url", "https://x.example/path"),
            ("url", "nonsense"),
            ("edit_minutes", "-1"),
        ),
        *(("edit_minutes", "x"), ("edit_minutes", "99999999999"), ("sign_up", "never"), ("who_may_comment", "all")),
        *(
            ("hold_first", "-1"),
            ("hold_first", ""),
            ("hold_links", "5000"),
            ("hold_words", "..."),
            ("hold_words", "x" * 81),
        ),
        *(("picture_megabytes", "0"), ("picture_megabytes", "21"), ("picture_megapixels", "101")),
        *(("article_pictures", "-1"), ("article_pictures", "501"), ("article_pictures", "")),
        ("hold_words", "\n".join(map(str, range(1001)))),
        *(("footer_links", "Evil javascript:alert(1)"), ("footer_links", "https://no-words.example")),
        *(("footer_links", "a https://a.example\n" * 9), ("language", "tlh"), ("tagline", "x" * 201)),
    ],
)
def test_refused(cast, field, value):
    before = queries.site()
    answer = save(cast.browser(cast.ada), **{field: value})
    assert answer.status_code == 422
    assert queries.site() == before


def test_for_admins_only_and_never_forged(cast):
    before = queries.site()
    assert save(cast.browser(cast.quill)).status_code == 403
    assert save(cast.browser(cast.ada), csrf_token="").status_code == 403
    assert cast.browser(cast.ada).forge("/admin/settings/1/undo").status_code == 403
    assert queries.site() == before


def test_what_the_machine_fixes_is_shown_and_not_changed(cast, settings, database, tmp_path):
    ada = as_actor(cast.ada)  # a row of the other app's session would be read through this one's engine
    fixed = create_app(
        replace(settings, instance=tmp_path, database_url=database, site_name="Fixed Name", site_url="http://localhost")
    )
    with fixed.app_context():
        browser = Browser(fixed, ada)
        page = browser.get("/admin/settings").text
        assert "FORUM_SITE_NAME" in page
        assert 'name="name"' not in page
        save(browser, name="Another")
        assert queries.site().name == "The Reading Room"
        assert queries.site().tagline == "Slow talk"
        db.session.remove()
        db.engine().dispose()


class TestLogo:
    def test_kept_as_a_small_png_and_shown(self, cast):
        browser = cast.browser(cast.ada)
        assert upload(browser, picture((3000, 600), "JPEG")).status_code == 303
        answer = cast.browser().get(f"/logo?v={queries.site().logo_hash}")
        assert answer.content_type == "image/png"
        assert "immutable" in answer.headers["Cache-Control"]
        assert Image.open(BytesIO(answer.data)).size == (512, 102)
        assert "/logo?v=" in cast.browser().get("/rules").text

    def test_taken_away_and_brought_back(self, cast):
        browser = cast.browser(cast.ada)
        upload(browser, picture())
        kept = queries.logo()
        save(browser, no_logo="y")
        assert cast.browser().get("/logo").status_code == 404
        browser.post(f"/admin/settings/{queries.changes()[0].id}/undo")
        assert queries.logo() == kept

    @pytest.mark.parametrize(
        "data",
        [b"", b"GIF89a", b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", b"MZ\x90", bomb()],
    )
    def test_no_picture(self, app, data):
        with pytest.raises(Invalid) as refusal:
            drawn_anew(data)
        assert list(refusal.value.fields) == ["logo"]

    def test_a_broken_one_is_told_on_the_page(self, cast):
        answer = upload(cast.browser(cast.ada), picture()[:200])
        assert answer.status_code == 422
        assert "not a picture" in answer.text
        assert queries.logo() is None

    def test_only_pixels_get_through(self, app):
        texts = PngImagePlugin.PngInfo()
        texts.add_text("comment", "<script>canary</script>")
        again = drawn_anew(picture(pnginfo=texts) + b"<?php canary ?>")
        assert b"canary" not in again
        assert Image.open(BytesIO(again)).info == {}

    def test_too_large_to_send(self, cast):
        browser = cast.browser(cast.ada)  # raw, because the test client leaves a large form's file open
        sent = {"data": b"x" * 5_000_000, "content_type": "multipart/form-data; boundary=x"}
        assert browser._ask(browser.client.post, "/admin/settings", **sent).status_code == 413


class TestColour:
    def test_in_the_page(self, cast):
        save(cast.browser(cast.ada), accent="#8A2F2B")
        assert "/accent.css?v=" in cast.browser().get("/rules").text
        sheet = cast.browser().get("/accent.css")
        assert sheet.content_type.startswith("text/css")
        assert "light-dark(#8a2f2b, #" in sheet.text

    @pytest.mark.parametrize("accent", ["#000000", "#0b5c6b", "#8a2f2b", "#0000ff", "#4b0082", "#767200"])
    def test_legible_in_both_lights(self, accent):
        assert colours.is_legible(accent)
        assert colours.contrast(colours.in_the_dark(accent), colours.DARK_CARD) >= 4.5
        wash = colours.stylesheet(accent).split("--accent-wash: light-dark(")[1].split(")")[0].split(", ")
        assert colours.contrast(accent, wash[0]) >= 4.5
        assert colours.contrast(colours.in_the_dark(accent), wash[1]) >= 4.5

    def test_contrast(self):
        assert colours.contrast("#000000", "#ffffff") == pytest.approx(21)
        assert not colours.is_legible("#ffe9a0")


def test_every_starter_has_a_page(cast):
    for slug in SLUGS:
        page = cast.browser().get(f"/{slug}").text
        assert "A starter text" in page
    assert db.session.query(SiteChange).count() == 0


def test_the_form_shows_what_is_in_force(cast):
    page = cast.browser(cast.ada).get("/admin/settings").text
    box = page[: page.index('name="public_history"')].rsplit("<input", 1)[1]
    assert "checked" in box


def test_a_list_of_one_language_is_no_question(cast, monkeypatch):
    def page():
        return cast.browser(cast.ada).get("/admin/settings").text

    assert '<label for="language"' in page()
    monkeypatch.setattr(choices, "languages", lambda: {"en": "English"})
    assert '<label for="language"' not in page()
    assert '<select hidden id="language" name="language"' in page()  # what is in force is still sent


def test_a_change_of_the_language_is_told_in_the_new_one(cast):
    browser = cast.browser(cast.ada)
    assert save(browser, language="de").status_code == 303
    page = browser.get("/admin/settings").text
    assert "Die Einstellungen sind gespeichert." in page and "The settings are saved." not in page
    assert re.search(r"Sprache:\s*<del>English</del>\s*<ins>Deutsch</ins>", page)
    change = re.findall(r"/admin/settings/(\d+)/undo", page)[0]
    browser.post(f"/admin/settings/{change}/undo")
    page = browser.get("/admin/settings").text
    assert "The change is undone." in page and "rückgängig gemacht" not in page
