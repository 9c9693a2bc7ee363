"""Showing pictures: in the text, as the lead, to whom; and when they go."""

from __future__ import annotations

import html
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import func, select

from forum import db
from forum.articles import actions as articles
from forum.articles.models import Article
from forum.clock import now
from forum.errors import Invalid
from forum.people.queries import viewer_of
from forum.pictures import actions
from forum.pictures.models import Picture, PictureFile, picture_uses
from forum.site.queries import site
from tests.pictures.drawn import added, drawn, file_of, made, send, settings

FOREVER = "public, max-age=31536000, immutable"


def feed(cast) -> str:
    return cast.browser().get("/feeds/articles").text


def count(table=Picture) -> int:
    return db.session.scalar(select(func.count()).select_from(table))


def publish(browser, line, title="Herons", **more) -> str:
    answer = browser.post("/articles/new", title=title, body=f"Look:\n\n{line}\n", act="publish", **more)
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"]


def draft(browser, line, title="Herons") -> str:
    answer = browser.post("/articles/new", title=title, body=line, act="save")
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"]


def name_of(line) -> str:
    return line.rpartition("/pictures/")[2].split(")")[0].split(" ")[0]


def test_the_page_has_a_figure_that_needs_no_space_later(cast):
    line = added(cast.browser(cast.ida), drawn(), picture_caption="At dawn")
    page = cast.browser().get(publish(cast.browser(cast.ida), line)).text
    assert "<figcaption>At dawn</figcaption></figure>" in page
    for part in ('width="1200"', 'height="800"', 'loading="lazy"', 'decoding="async"', " 480w, /pictures/", "sizes="):
        assert part in page
    assert 'alt="A herons\' pier"' in html.unescape(page)


def test_a_picture_is_kept_forever_by_browsers_once_everybody_may_see_it(cast):
    line = added(cast.browser(cast.ida), drawn())
    publish(cast.browser(cast.ida), line)
    answer = cast.browser().get(file_of(line))
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, FOREVER)
    assert ("Set-Cookie" in answer.headers, "Cookie" in answer.headers.get("Vary", "")) == (False, False)
    again = cast.browser().get(file_of(line), headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_a_members_cookie_is_never_in_what_others_keep(cast):
    line = added(cast.browser(cast.ida), drawn())
    publish(cast.browser(cast.ida), line)
    rosa = cast.browser(cast.rosa)
    with time_machine.travel(now() + timedelta(days=2), tick=False):
        assert "Set-Cookie" not in rosa.get(file_of(line)).headers
        assert "Set-Cookie" in rosa.get("/").headers  # it was time to send it again


def test_a_drafts_picture_is_seen_by_its_author_and_admins_alone(cast):
    ida = cast.browser(cast.ida)
    line = added(ida, drawn())
    address = file_of(line)
    strangers, mine = (None, cast.tom, cast.otto, cast.quill, cast.dora), (cast.ida, cast.ada)
    private = (200, "private, no-store")

    def seen_by(people) -> set:
        answers = [cast.browser(who).get(address) for who in people]
        return {(answer.status_code, answer.headers["Cache-Control"]) for answer in answers}

    assert {status for status, _ in seen_by(strangers)} == {404}
    assert seen_by(mine) == {private}
    edit = draft(ida, line)
    assert {status for status, _ in seen_by(strangers)} == {404}
    assert seen_by(mine) == {private}
    ida.post(edit.replace("/edit", "/publish"))
    assert seen_by(strangers) == {(200, FOREVER)}
    ida.post(edit.replace("/edit", "/unpublish"))
    assert {status for status, _ in seen_by(strangers)} == {404}
    assert cast.browser().get(address, headers={"If-None-Match": "*"}).status_code == 404


@pytest.mark.parametrize(
    "address",
    [
        f"/pictures/{'0' * 32}-480.webp",
        "/pictures/x-1.webp",
        f"/pictures/{'é' * 32}-480.webp",
        f"/pictures/{'0' * 900}-480.webp",
    ]
    + [f"/pictures/{'0' * 32}-{width}.webp" for width in ("0", "99999999999999999999", "-1", str(2**40))],
)
def test_what_is_no_picture_is_not_found(cast, address):
    assert cast.browser().get(address).status_code == 404


def test_no_width_but_those_it_has(cast):
    ida = cast.browser(cast.ida)
    line = added(ida, drawn())
    assert [ida.get(file_of(line, width)).status_code for width in (480, 481, 2**40)] == [200, 404, 404]


def test_nobody_shows_what_another_keeps_to_themselves(cast):
    line = added(cast.browser(cast.ida), drawn())
    otto = cast.browser(cast.otto)
    refused = otto.post("/articles/new", title="Mine", body=line, act="publish")
    assert refused.status_code == 422
    assert "There is no picture" in refused.text
    assert otto.post("/articles/new", title="Mine", body="x", lead=name_of(line)).status_code == 422
    assert cast.browser().get(file_of(line)).status_code == 404
    publish(cast.browser(cast.ida), line)
    assert otto.post("/articles/new", title="Mine", body=line, act="publish").status_code == 303


@pytest.mark.parametrize("name", ["0" * 32 + "-10x10", "{hash}-1200x801", "{hash}-480x320"])
def test_a_picture_that_is_not_there_is_said_so_and_nothing_is_saved(cast, name):
    line = added(cast.browser(cast.ida), drawn())
    body = f"![x](/pictures/{name.format(hash=name_of(line)[:32])})"
    answer = cast.browser(cast.ida).post("/articles/new", title="Mine", body=body, act="save")
    assert answer.status_code == 422
    assert db.session.scalar(select(func.count()).select_from(Article)) == 1


def test_an_article_has_as_many_as_the_settings_say(cast):
    lines = [added(cast.browser(cast.ida), drawn((10, height))) for height in (10, 11, 12)]
    settings(article_pictures=2)
    body = {"title": "Mine", "body": "\n\n".join(lines), "act": "save"}
    assert cast.browser(cast.ida).post("/articles/new", **body).status_code == 422
    assert cast.browser(cast.ida).post("/articles/new", **{**body, "body": "\n\n".join(lines[:2])}).status_code == 303


def test_an_article_keeps_the_pictures_it_had_before_the_limit_was_lowered(cast):
    ida = cast.browser(cast.ida)
    first, second, third = (added(ida, drawn((40, width))) for width in (20, 21, 22))
    edit = draft(ida, f"{first}\n\n{second}")
    settings(article_pictures=1)
    fewer_words = ida.post(edit, title="Herons again", body=f"{first}\n\n{second}", act="save")
    assert fewer_words.status_code == 303
    more = ida.post(edit, title="Herons again", body=f"{first}\n\n{second}\n\n{third}", act="save")
    assert more.status_code == 422
    assert count(picture_uses) == 2


def test_the_lead_picture_stands_in_lists_at_the_head_and_in_previews(cast):
    settings(url="https://forum.example")
    line = added(cast.browser(cast.ida), drawn(), picture_alt="Two herons")
    address = publish(cast.browser(cast.ida), "", lead=name_of(line))
    page = cast.browser().get(address).text
    assert f'<meta property="og:image" content="https://forum.example{file_of(line)}">' in page
    assert '<p class="lead-picture"><img alt="Two herons"' in page
    assert f'"image": "https://forum.example{file_of(line)}"' in page
    assert file_of(line, 480) in cast.browser().get("/").text
    assert f'rel="enclosure" type="image/webp" href="https://forum.example{file_of(line)}"' in feed(cast)


def test_the_head_shows_no_picture_that_the_text_shows(cast):
    line = added(cast.browser(cast.ida), drawn())
    page = cast.browser().get(publish(cast.browser(cast.ida), line, lead=name_of(line))).text
    assert "lead-picture" not in page
    assert "og:image" not in page  # the site has no address, so none that others could ask


@pytest.mark.parametrize("lead", ["x", "0" * 32 + "-1x1", "/pictures/../x", "x" * 10_000, "%", "<script>"])
def test_what_is_no_lead_picture_is_refused(cast, lead):
    answer = cast.browser(cast.ida).post("/articles/new", title="Mine", body="x", lead=lead)
    assert answer.status_code == 422
    assert db.session.scalar(select(func.count()).select_from(Article)) == 1


def test_an_unused_picture_goes_after_a_week_and_a_shown_one_stays(cast, app):
    ida = cast.browser(cast.ida)
    shown, unused, dropped = (added(ida, drawn((10, height))) for height in (10, 11, 12))
    publish(ida, shown)
    edit = draft(ida, dropped, "Another")
    assert actions.purge_unused(now() + timedelta(days=6)) == 0
    ida.post(edit, title="Another", body="No picture any more.", act="save")
    assert actions.purge_unused(now() + timedelta(days=8)) == 2
    db.commit()
    assert actions.purge_unused(now() + timedelta(days=8)) == 0
    assert ida.get(file_of(shown)).status_code == 200
    assert {ida.get(file_of(line)).status_code for line in (unused, dropped)} == {404}
    assert (count(), count(PictureFile)) == (1, 1)


def test_a_lead_is_shown_too_and_so_is_kept(cast):
    ida = cast.browser(cast.ida)
    line = added(ida, drawn())
    publish(ida, "", lead=name_of(line))
    assert actions.purge_unused(now() + timedelta(days=30)) == 0


def test_deleting_an_article_deletes_its_pictures_at_once_but_for_those_of_others(cast):
    ida = cast.browser(cast.ida)
    own, shared = (added(ida, drawn((10, height))) for height in (10, 11))
    publish(ida, shared)
    edit = draft(ida, f"{own}\n\n{shared}", "Another")
    assert ida.post(edit.replace("/edit", "/delete")).status_code == 303
    assert ida.get(file_of(own)).status_code == 404
    assert ida.get(file_of(shared)).status_code == 200
    assert (count(), count(PictureFile), count(picture_uses)) == (1, 1, 1)


def test_two_tabs_that_drop_and_show_it_end_with_it_shown(cast):
    ida = cast.browser(cast.ida)
    line = added(ida, drawn())
    one, two = (draft(ida, line, title) for title in ("One", "Two"))
    ida.post(one, title="One", body="None.", act="save")
    assert db.session.scalar(select(Picture.unused_since)) is None
    ida.post(two, title="Two", body="None.", act="save")
    assert db.session.scalar(select(Picture.unused_since)) is not None
    ida.post(two, title="Two", body=line, act="save")
    assert db.session.scalar(select(Picture.unused_since)) is None


def test_the_rule_holds_no_matter_who_calls(cast):
    picture = made()
    ida, otto = viewer_of(cast.ida.id), viewer_of(cast.otto.id)
    actions.add(ida, site(), picture, "Herons")
    db.commit()
    words = articles.check_words("Mine", picture.picture.markdown("x"))
    with pytest.raises(Invalid):
        articles.create(otto, words)
    db.rollback()
    article = articles.create(ida, words)
    db.commit()
    with pytest.raises(Invalid):
        articles.set_lead(ida, article.id, "0" * 32 + "-9x9")
    db.rollback()
    articles.set_lead(viewer_of(cast.ada.id), article.id, picture.picture.name)
    db.commit()
    assert db.session.get_one(Article, article.id).lead_alt == "Herons"


def test_comments_have_no_pictures(cast):
    line = added(cast.browser(cast.ida), drawn())
    publish(cast.browser(cast.ida), line)
    cast.browser(cast.tom).post(f"/articles/{cast.article.slug}/comments", body=line)
    assert "<img" not in cast.browser().get(f"/articles/{cast.article.slug}").text.split('id="talk"')[-1]


def test_a_preview_shows_it_before_anything_is_saved(cast):
    line = added(cast.browser(cast.ida), drawn())
    page = cast.browser(cast.ida).post("/articles/new", title="Mine", body=line, act="preview").text
    assert "<figure><img" in page


def test_the_form_offers_what_is_at_hand_and_nobody_elses(cast):
    line = added(cast.browser(cast.ida), drawn())
    assert name_of(line) in cast.browser(cast.ida).get("/articles/new").text
    assert name_of(line) not in cast.browser(cast.otto).get("/articles/new").text
    assert send(cast.browser(cast.otto), None).status_code == 422
