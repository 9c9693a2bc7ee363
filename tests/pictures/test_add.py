"""Adding a picture: what is taken, what is refused, and that nothing but its pixels is kept."""

from __future__ import annotations

import struct
from io import BytesIO
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import func, select

from forum import db
from forum.articles.models import Article
from forum.pictures.models import Picture, PictureFile
from tests.pictures.drawn import LINE, added, bomb, drawn, file_of, send, settings


def opened(answer) -> Image.Image:
    return Image.open(BytesIO(answer.data))


def kept() -> int:
    return db.session.scalar(select(func.count()).select_from(Picture))


def test_an_author_gets_the_line_and_the_three_widths(cast):
    ida = cast.browser(cast.ida)
    line = added(ida, drawn((3200, 2000), "JPEG"), picture_caption='He said "so"')
    assert line.startswith("![A herons' pier](/pictures/")
    assert line.endswith(r' "He said \"so\"")')
    sizes = {width: opened(ida.get(file_of(line, width))).size for width in (480, 960, 1600)}
    assert sizes == {480: (480, 300), 960: (960, 600), 1600: (1600, 1000)}
    assert db.session.scalar(select(func.count()).select_from(PictureFile)) == 3


def test_a_small_one_is_never_enlarged(cast):
    ida = cast.browser(cast.ida)
    line = added(ida, drawn((300, 200)))
    assert opened(ida.get(file_of(line))).size == (300, 200)
    assert ida.get(file_of(line, 480)).status_code == 404


def test_where_it_was_taken_is_gone_and_it_stands_upright(cast):
    exif = Image.Exif()
    exif[0x0112], exif[0x010F], exif[0x8825] = 6, "Camera of Ida", {1: "N", 2: (54.0, 5.0, 1.0)}
    ida = cast.browser(cast.ida)
    line = added(ida, drawn((600, 400), "JPEG", exif=exif, comment=b"secret words"))
    data = ida.get(file_of(line)).data
    assert Image.open(BytesIO(data)).size == (400, 600)
    assert not Image.open(BytesIO(data)).getexif()
    assert b"Camera" not in data
    assert b"secret" not in data


@pytest.mark.parametrize(
    "data",
    [
        drawn(kind="JPEG", mode="CMYK", colour=(9, 9, 9, 9)),
        drawn(mode="I;16", colour=40_000),
        drawn(mode="P", colour=1, transparency=1),
        drawn(mode="LA", colour=(1, 2)),
        drawn(mode="1", colour=1),
        drawn(kind="GIF", mode="P", colour=1, save_all=True, append_images=[Image.new("P", (1200, 800), 2)]),
        drawn(kind="WEBP", save_all=True, append_images=[Image.new("RGB", (1200, 800))]),
        drawn((1, 1)),
        drawn((4, 20_000)),
        drawn(kind="PNG") + b"<script>alert(1)</script>",
        drawn(kind="JPEG", icc_profile=b"no profile at all"),
    ],
    ids=["cmyk", "16-bit", "palette", "grey-alpha", "one-bit", "gif", "animated", "dot", "tall", "polyglot", "profile"],
)
def test_odd_pictures_become_plain_ones(cast, data):
    ida = cast.browser(cast.ida)
    answer = ida.get(file_of(added(ida, data)))
    picture: Any = opened(answer)
    picture.load()
    assert (picture.format, picture.n_frames) == ("WEBP", 1)
    assert b"script" not in answer.data
    assert answer.headers["Content-Type"] == "image/webp"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_a_photograph_of_two_pictures_is_measured_as_every_photograph(cast):
    """Phones call it MPO; nothing but the first picture of it is read."""
    settings(picture_megapixels=2)
    beside = {"save_all": True, "append_images": [Image.new("RGB", (60, 40))]}
    assert send(cast.browser(cast.ida), drawn((2001, 1000), "MPO", **beside)).status_code == 422
    assert added(cast.browser(cast.ida), drawn((2000, 1000), "MPO", **beside))


@pytest.mark.parametrize(
    "options",
    [{"size": (5000, 3600), "progressive": True}, {"size": (18_000, 1000)}],
    ids=["progressive", "thin"],
)
def test_a_large_jpeg_that_is_unpacked_in_full_may_have_half_as_many_pixels(cast, options):
    settings(picture_megapixels=20)
    data = drawn(kind="JPEG", **options)
    assert send(cast.browser(cast.ida), data).status_code == 422
    settings(picture_megapixels=40)
    assert added(cast.browser(cast.ida), data)


@pytest.mark.parametrize("tag", [0x0112, 0x010F, 0x011B, 0x8769, 0x8825])
@pytest.mark.parametrize(
    "kind", [(2, 2, b"6\0\0\0"), (5, 1, b"\0\0\0\0"), (10, 1, b"\x08\0\0\0"), (13, 1, b"\x08\0\0\0")]
)
def test_exif_that_cannot_be_read_keeps_no_picture_out(cast, tag, kind):
    plain = drawn((60, 40), "JPEG")
    entry = struct.pack("<HHI", tag, kind[0], kind[1]) + kind[2]
    exif = b"Exif\0\0II*\0" + struct.pack("<IH", 8, 1) + entry + bytes(8)
    data = plain[:2] + b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif + plain[2:]
    assert added(cast.browser(cast.ida), data)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"GIF89a<script>alert(1)</script>",
        b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
        b"<!doctype html><html><script>alert(1)</script>",
        drawn((900, 900), "PNG")[:300],
        drawn((900, 900), "JPEG")[:500],
        drawn(kind="TIFF"),
        drawn(kind="BMP"),
        drawn(kind="PDF"),
        bomb(),
        bomb(8_000, 8_000),
        bomb(2**31 - 1, 1),
    ],
    ids=["empty", "gif-html", "svg", "html", "cut-png", "cut-jpeg", "tiff", "bmp", "pdf", "bomb", "64-mp", "wide"],
)
def test_what_is_no_sound_picture_is_refused_with_words(cast, data):
    answer = send(cast.browser(cast.ida), data)
    assert answer.status_code == 422
    assert "picture" in answer.text
    assert kept() == 0


@pytest.mark.parametrize(
    "fields",
    [{"picture_alt": ""}, {"picture_alt": " \u200b "}, {"picture_alt": "x" * 501}, {"picture_caption": "x" * 501}],
)
def test_words_are_asked_for(cast, fields):
    assert send(cast.browser(cast.ida), drawn(), **fields).status_code == 422
    assert kept() == 0


def test_decorative_is_said_so(cast):
    line = added(cast.browser(cast.ida), drawn(), picture_alt="ignored", picture_decorative="y")
    assert line.startswith("![](/pictures/")


def test_no_file_is_no_picture(cast):
    assert send(cast.browser(cast.ida), None).status_code == 422


def test_only_authors_add_pictures_and_nothing_is_forged(cast):
    for who in (None, cast.tom, cast.sven, cast.dora):
        assert send(cast.browser(who), drawn()).status_code in (303, 403)
    assert send(cast.browser(cast.ida), drawn(), csrf_token="").status_code == 403
    assert cast.browser(cast.ida).forge("/pictures", picture_alt="x").status_code == 403
    assert kept() == 0


def test_a_body_of_30_megabytes_is_refused_for_all_and_of_6_for_readers(cast):
    assert send(cast.browser(cast.ida), b"\x89PNG" + bytes(30_000_000)).status_code == 413
    assert send(cast.browser(cast.tom), bytes(6_000_000)).status_code in (403, 413)
    assert send(cast.browser(), bytes(6_000_000)).status_code in (403, 413)
    assert kept() == 0


def test_the_limits_are_those_of_the_settings(cast):
    ida = cast.browser(cast.ida)
    settings(picture_megabytes=1)
    assert "megabytes" in send(ida, drawn((10, 10)) + bytes(1_000_001)).text
    settings(picture_megapixels=1)
    assert send(ida, drawn((1001, 1000), "JPEG")).status_code == 422
    assert send(ida, drawn((1000, 501))).status_code == 422
    added(ida, drawn((1000, 1000), "JPEG"))
    settings(article_pictures=2)
    added(ida, drawn((11, 10)))
    assert send(ida, drawn((12, 10))).status_code == 422
    added(cast.browser(cast.otto), drawn((12, 10)))
    settings(article_pictures=0)
    assert send(ida, drawn((10, 10))).status_code == 403
    assert 'name="picture"' not in ida.get("/articles/new").text


def test_the_same_picture_twice_is_one_and_of_two_people_two(cast):
    ida = cast.browser(cast.ida)
    first = added(ida, drawn(), picture_alt="Once")
    second = added(ida, drawn(), picture_alt="Twice")
    assert file_of(first) == file_of(second)
    assert kept() == 1
    assert file_of(added(cast.browser(cast.otto), drawn())) != file_of(first)


def test_without_a_script_the_form_comes_back_with_all_that_was_typed(cast):
    ida = cast.browser(cast.ida)
    typed = {"act": "picture", "title": "Herons", "body": "Typed before.", "tags": "birds"}
    answer = send(ida, drawn(), "/articles/new", fragment=False, **typed)
    assert answer.status_code == 200
    assert LINE.search(answer.text)
    assert all(words in answer.text for words in ("Herons", "Typed before.", "birds", "at the end of the text"))
    assert db.session.scalar(select(func.count()).select_from(Article)) == 1
    wrong = send(ida, b"nothing", f"/articles/{cast.article.slug}/edit", fragment=False, **typed)
    assert wrong.status_code == 422
    assert "Typed before." in wrong.text


def test_an_article_in_html_gets_a_line_in_html(cast):
    answer = send(cast.browser(cast.ida), drawn(), format="html")
    assert "&lt;figure&gt;&lt;img src=&#34;/pictures/" in answer.text


def test_a_picture_sent_by_itself_has_a_page(cast):
    answer = send(cast.browser(cast.ida), drawn(), fragment=False)
    assert LINE.search(answer.text)
    assert "<h1>" in send(cast.browser(cast.ida), b"x", fragment=False).text
