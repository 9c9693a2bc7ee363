"""Pictures in archives and in exports of WordPress: out and in again, whole, and nothing that is no picture."""

from __future__ import annotations

import io
import re
from base64 import b64decode, b64encode
from pathlib import Path

import pytest
from flask import Flask, current_app
from sqlalchemy import select

from forum import db
from forum.articles import actions as articles
from forum.articles.models import Article
from forum.errors import Invalid
from forum.pictures import actions as pictures
from forum.pictures.models import Picture, PictureFile, picture_uses
from forum.site.queries import site
from forum.transfer import actions
from forum.transfer.report import Report, sentences
from tests.cast import Cast
from tests.pictures.drawn import bomb, drawn, made, settings
from tests.transfer import scene
from tests.transfer.scene import actor
from tests.transfer.test_import_wxr import blog, item, meta, picture

UPLOADS = "https://harbour.example/wp-content/uploads/"


def shown(cast: Cast) -> Article:
    """Let Ida publish an article with two pictures, one of them its lead; a third one waits for nothing."""
    ida = actor(cast.ida)
    first, second, third = made("#102030"), made("#203040", (700, 500)), made("#304050")
    for one in (first, second, third):
        pictures.add(ida, site(), one, "A heron")
    words = articles.check_words("Herons", "One.\n\n" + first.picture.markdown("A heron", "At dawn"))
    article = articles.create(ida, words)
    articles.set_lead(ida, article.id, second.picture.name)
    articles.publish(ida, article.id)
    db.commit()
    return article


def bring_in_blog(data: bytes, folder: Path, dry_run: bool = False) -> Report:
    instance = Path(current_app.instance_path)
    report = actions.import_archive(None, "wxr", io.BytesIO(data), instance, pictures=folder, dry_run=dry_run)
    if dry_run:
        db.rollback()
    else:
        db.commit()
    return report


def test_out_in_and_out_again_gives_the_same_bytes(cast: Cast, empty: Flask) -> None:
    shown(cast)
    data = scene.taken_out()
    assert len(scene.of_type(data, "picture")) == 2  # what no article shows is on its way out
    with empty.app_context():
        report = scene.bring_in(data)
        assert report.added["picture"] == 2
        assert scene.taken_out() == data
        assert scene.count(picture_uses) == 2


def test_the_imported_pictures_are_served(cast: Cast, empty: Flask) -> None:
    article = shown(cast)
    files = {(row.picture_id, row.width): row.data for row in db.session.scalars(select(PictureFile))}
    address, data = f"/articles/{article.slug}", scene.taken_out()
    with empty.app_context():
        scene.bring_in(data)
        page = empty.test_client().get(address).text
        assert "<figcaption>At dawn</figcaption>" in page
        assert "lead-picture" in page
        for row in db.session.scalars(select(Picture)).all():
            answer = empty.test_client().get(f"/pictures/{row.hash}-480.webp")
            assert (answer.status_code, answer.headers["Cache-Control"][:6]) == (200, "public")
            assert answer.data in files.values()


def test_one_article_carries_its_own(cast: Cast, empty: Flask) -> None:
    slug = shown(cast).slug
    data = scene.taken_out(slug)
    assert len(scene.of_type(data, "picture")) == 2
    assert scene.of_type(scene.taken_out(cast.article.slug), "picture-file") == []
    with empty.app_context():
        scene.bring_in(data)
        assert scene.taken_out(slug) == data


def test_into_another_site_and_twice_adds_nothing_the_second_time(cast: Cast, empty: Flask) -> None:
    shown(cast)
    data = scene.taken_out()
    with empty.app_context():
        Cast(empty)
        assert scene.bring_in(data).added["picture"] == 2
        before = scene.everything()
        assert "picture" not in scene.bring_in(data).added
        assert scene.everything() == before


def _file(data: bytes) -> bytes:
    return b64decode(scene.of_type(data, "picture-file")[0]["data"])


def altered_file(data: bytes, values: dict[str, object]) -> bytes:
    """Return an archive whose first file of a picture has other values, with a checksum that fits."""
    records = scene.lines(data)
    next(record for record in records if record["type"] == "picture-file").update(values)
    return scene.sealed(records)


@pytest.mark.parametrize(
    "forge",
    [
        lambda data: {"data": b64encode(b"<svg onload=alert(1)>").decode()},
        lambda data: {"data": b64encode(drawn((480, 320))).decode()},
        lambda data: {"data": b64encode(_file(data) + b"<script>").decode()},
        lambda data: {"data": b64encode(_file(data)[:-9]).decode()},
        lambda data: {"data": b64encode(drawn((480, 320), "WEBP", exif=b"Exif\x00\x00where it was")).decode()},
        lambda data: {"data": "no base64!"},
        lambda data: {"data": ""},
        lambda data: {"width": 481},
        lambda data: {"width": 0},
        lambda data: {"picture": "0" * 32},
    ],
    ids=["svg", "png", "tail", "cut", "exif", "letters", "empty", "other-width", "no-width", "nobodys"],
)
def test_a_file_that_is_not_what_it_should_be_is_refused(cast: Cast, empty: Flask, forge) -> None:  # type: ignore[no-untyped-def]
    shown(cast)
    data = scene.taken_out()
    forged = altered_file(data, forge(data))
    with empty.app_context():
        before = scene.everything()
        with pytest.raises(Invalid):
            scene.bring_in(forged)
        assert scene.everything() == before


@pytest.mark.parametrize(
    "values",
    [{"hash": "../" * 10}, {"hash": "0" * 31}, {"width": 10**6}, {"height": 0}, {"alt": "x" * 501}, {"width": True}],
)
def test_a_picture_that_cannot_be_is_refused(cast: Cast, empty: Flask, values: dict[str, object]) -> None:
    shown(cast)
    forged = scene.altered(scene.taken_out(), "picture", **values)
    with empty.app_context(), pytest.raises(Invalid):
        scene.bring_in(forged)


def test_the_archive_for_reading_holds_its_pictures(cast: Cast) -> None:
    slug = shown(cast).slug
    page = scene.taken_out(slug, "html").decode()
    assert page.count('src="data:image/webp;base64,') == 2
    assert "srcset" not in page
    assert "img-src data:" in page


def test_other_exports_name_the_pictures(cast: Cast) -> None:
    settings(url="https://forum.example")
    slug = shown(cast).slug
    assert 'src="https://forum.example/pictures/' in scene.taken_out(slug, "wxr").decode()
    text = scene.taken_out(slug, "markdown").decode()
    assert re.search(r'!\[A heron\]\(https://forum\.example/pictures/[0-9a-f]{32}-\d+\.webp "At dawn"\)', text)


def test_a_blogs_pictures_come_with_a_copy_of_its_folder(empty: Flask, tmp_path: Path) -> None:
    folder = tmp_path / "uploads" / "2015" / "03"
    folder.mkdir(parents=True)
    (folder / "quay.jpg").write_bytes(drawn((2000, 1000), "JPEG"))
    (folder / "quay-300x150.jpg").write_bytes(drawn((300, 150), "JPEG"))
    (folder / "odd name.png").write_bytes(drawn((30, 20)))
    (folder / "broken.jpg").write_bytes(b"no picture")
    (folder / "bomb.png").write_bytes(bomb())
    (tmp_path / "secret.png").write_bytes(drawn((31, 20)))
    content = "\n\n".join(
        [
            f'[caption id="a"]<a href="{UPLOADS}2015/03/quay.jpg"><img src="{UPLOADS}2015/03/quay-300x150.jpg"'
            ' alt="The quay"></a> At <em>dawn</em>[/caption]',
            '<img src="http://www.harbour.example/wp-content/uploads/2015/03/odd%20name.png">',
            f'<figure><img src="{UPLOADS}2015/03/quay.jpg"><figcaption>Again</figcaption></figure>',
            f'<img src="{UPLOADS}2015/03/gone.jpg" alt="Gone">',
            f'<img src="{UPLOADS}2015/03/broken.jpg"> <img src="{UPLOADS}2015/03/bomb.png">',
            f'<img src="{UPLOADS}../secret.png"> <img src="{UPLOADS}..%2fsecret.png"> <img src="{UPLOADS}%00">',
            '<img src="https://elsewhere.example/wp-content/uploads/2015/03/quay.jpg" alt="Elsewhere">',
        ]
    )
    with empty.app_context():
        before = scene.everything()
        bring_in_blog(blog(item(content=content)), tmp_path / "uploads", dry_run=True)
        assert scene.everything() == before
        report = bring_in_blog(blog(item(content=content)), tmp_path / "uploads")
        assert report.added["picture"] == 2
        assert report.notes["pictures-missing"] == 4
        assert report.notes["pictures-unread"] == 2
        assert report.notes["pictures"] == 1
        assert any("the folder does not have" in said for said in sentences(report))
        html = db.session.scalars(select(Article.html)).one()
        assert html.count("<figure>") == 3
        assert "<figcaption>At <em>dawn</em></figcaption>" in html
        assert 'alt="The quay"' in html
        assert 'width="1600" height="800"' in html
        assert f'href="{UPLOADS}2015/03/gone.jpg"' in html
        assert scene.count(picture_uses) == 2
        again = scene.everything()
        bring_in_blog(blog(item(content=content)), tmp_path / "uploads")
        assert scene.everything() == again


def test_without_the_folder_a_picture_is_a_link(empty: Flask) -> None:
    with empty.app_context():
        report = scene.bring_in(blog(item(content=f'<img src="{UPLOADS}a.jpg" alt="A boat">')), "wxr")
        assert report.notes["pictures"] == 1
        assert ">A boat</a>" in db.session.scalars(select(Article.html)).one()


def test_an_archive_of_ours_needs_no_folder(empty: Flask, tmp_path: Path) -> None:
    with empty.app_context(), pytest.raises(Invalid):
        actions.import_archive(None, "jsonl", io.BytesIO(b""), tmp_path, pictures=tmp_path)


def test_the_featured_picture_of_wordpress_is_the_lead_picture(empty: Flask, tmp_path: Path) -> None:
    for number in (21, 22):
        (tmp_path / f"{number}-quay.jpg").write_bytes(drawn((900, 600 + number), "JPEG"))
    told = picture(21, 1, "21 quay", more=meta(_wp_attachment_image_alt="A pier at <em>dawn</em>"))
    one, two = (item(post_id=str(n), post_name=f"p{n}", more=meta(_thumbnail_id=str(20 + n))) for n in (1, 2))
    none = item(post_id="3", post_name="p3", more=meta(_thumbnail_id="29"))
    with empty.app_context():
        report = bring_in_blog(blog(one, told, picture(22, 2, "22 quay"), two, none), tmp_path)
        leads = {row.slug: (row.lead, row.lead_alt) for row in db.session.scalars(select(Article))}
        stored = {f"{row.hash}-{row.width}x{row.height}" for row in db.session.scalars(select(Picture))}
        assert (leads["p1"][1], leads["p2"][1], leads["p3"]) == ("A pier at dawn", "", ("", ""))
        assert {leads["p1"][0], leads["p2"][0]} == stored
        assert len(stored) == 2
        assert report.notes["leads"] == 1
