"""The form at /report and the status page: no account, no script, nothing betrayed."""

from __future__ import annotations

from sqlalchemy import func, select

from forum import db
from forum.cases.models import Case
from forum.legal.models import LegalNotice, LegalSubject
from tests import factories
from tests.cast import Cast
from tests.legal.scene import RIGHT, SENDER, filed, newest, sent, typed
from tests.moderation.scene import last_act, let_guests_write, write


def subjects() -> list[tuple[str, int | None]]:
    """Return what the newest notice names."""
    rows = db.session.scalars(select(LegalSubject).where(LegalSubject.notice_id == newest().id))
    return [(row.kind, row.comment_id) for row in rows]


def count() -> int:
    """Return how many notices there are."""
    return db.session.scalar(select(func.count(LegalNotice.id))) or 0


def test_every_page_leads_to_the_form_and_opening_it_writes_nothing(cast: Cast) -> None:
    comment = write(cast.tom, cast.article)
    visitor = cast.browser()
    before = last_act()
    for url in ("/", f"/articles/{cast.article.slug}", f"/comments/{comment}/branch", "/sign-in"):
        assert 'href="/report"' in visitor.get(url).text
    page = visitor.get(f"/report?about=/comments/{comment}")
    assert f">\r\n/comments/{comment}</textarea>" in page.text or f"/comments/{comment}</textarea>" in page.text
    assert count() == 0 and last_act() == before


def test_a_notice_is_received_and_shown_back(cast: Cast) -> None:
    comment = write(cast.tom, cast.article, "Ada is a thief.")
    home = f"http://localhost/articles/{cast.article.slug}"
    lines = f"{home}#c-{comment}\n/comments/{comment}/branch\r\n{home}\nthe one about the bridge"
    answer = sent(cast.browser(), lines)
    assert answer.status_code == 303
    notice = newest()
    assert subjects() == [("comment", comment), ("branch", comment), ("article", None), ("other", None)]
    page = cast.browser().get(answer.location)
    assert page.headers["Cache-Control"] == "private, no-store" and page.headers["X-Robots-Tag"] == "noindex"
    for words in (notice.reference, "Nobody has looked at it yet", "under “The library opens", "Insult or defamation"):
        assert words in page.text
    assert "Nora" not in page.text and "Tom" not in page.text
    assert len(notice.reference) == 19 and notice.reference not in answer.location.replace("-", "")
    act = last_act()
    assert (act.act, act.comment_id, act.details) == ("notice.file", comment, {"notice": notice.id, "kind": "insult"})
    case = db.session.get_one(Case, notice.case_id)
    assert (case.kind, case.queue, case.state, case.person_id) == ("notice", "notices", "open", None)


def test_a_form_that_is_sent_twice_is_one_notice(cast: Cast) -> None:
    comment, other = write(cast.tom, cast.article), write(cast.tom, cast.article)
    visitor = cast.browser()
    first, again = (sent(visitor, f"/comments/{comment}") for _ in range(2))
    assert first.location == again.location
    cases = select(func.count(Case.id)).where(Case.kind == "notice")
    assert (count(), db.session.scalar(cases)) == (1, 1)
    for address, words in ((f"/comments/{other}", RIGHT["why"]), (f"/comments/{comment}", "And a liar.")):
        assert sent(visitor, address, why=words).location != first.location
    assert count() == 3


def test_two_who_give_no_address_do_not_get_one_page(cast: Cast) -> None:
    comment = write(cast.tom, cast.article)
    nobody = {"kind": "child", "why": "Look.", "name": "", "email": ""}
    first, second = (sent(cast.browser(), f"/comments/{comment}", **nobody) for _ in range(2))
    assert first.status_code == second.status_code == 303
    assert first.location != second.location


def test_what_is_missing_is_said_and_what_was_typed_comes_back(cast: Cast) -> None:
    comment = write(cast.tom, cast.article)
    visitor = cast.browser()
    for field in ("addresses", "kind", "why", "name", "email", "good_faith"):
        answer = sent(visitor, f"/comments/{comment}", **{field: ""})
        assert answer.status_code == 422, field
        assert f'href="#{field}"' in answer.text
        assert "He calls me a thief." in answer.text or field == "why"
    for wrong in ({"kind": "treason"}, {"email": "nobody"}, {"name": "x" * 121}, {"why": "x" * 10_001}):
        assert sent(visitor, f"/comments/{comment}", **wrong).status_code == 422
    assert sent(visitor, "\n".join(f"/comments/{comment}?{n}" for n in range(11))).status_code == 422
    assert count() == 0


def test_a_child_needs_no_name(cast: Cast) -> None:
    comment = write(cast.tom, cast.article)
    assert sent(cast.browser(), f"/comments/{comment}", kind="child", name="", email="").status_code == 303
    assert (newest().name, newest().email) == (None, None)


def test_another_site_is_refused_kindly_and_this_one_in_any_spelling_is_not(cast: Cast) -> None:
    comment = write(cast.tom, cast.article)
    for other in (
        "https://elsewhere.example/comments/1",
        "http://localhost.evil.example/",
        "https://user@evil.example/",
    ):
        answer = sent(cast.browser(), other)
        assert answer.status_code == 422 and "is on another site" in answer.text
    for ours in ("http://LOCALHOST:80/comments/{0}", "https://localhost/comments/{0}", "/comments/{0}#c-{0}"):
        assert sent(cast.browser(), ours.format(comment)).status_code == 303
        assert subjects() == [("comment", comment)]
    for odd in ("http://[::1", "/comments/99999999999999999999", "//", "javascript:alert(1)", "/articles/%ff%00"):
        assert sent(cast.browser(), odd).status_code in (303, 422)


def test_what_a_visitor_may_not_read_is_as_what_is_not_there(cast: Cast) -> None:
    let_guests_write()
    held = write(None, cast.article, "A guest waits.")
    factories.article(cast.ida, "Secret plan", slug="secret-plan", status="draft", published_at=None)
    pages = []
    # Its author and an admin, too, get the answer of a visitor.
    for browser in (cast.browser(), cast.browser(cast.ida), cast.browser(cast.ada)):
        for address in (f"/comments/{held}", "/comments/987654", "/articles/secret-plan", "/articles/no-such-plan"):
            answer = sent(browser, address)
            assert subjects() == [("other", None)]
            page = browser.get(answer.location).text
            assert "Secret plan" not in page and "A guest waits" not in page
            pages.append("Kept as you wrote it" in page)
    assert all(pages)


def test_hostile_texts_stay_texts(cast: Cast) -> None:
    comment = write(cast.tom, cast.article)
    hostile = "<script>alert(1)</script>\u202e" + "<b>&quot;" * 1000
    answer = sent(cast.browser(), f"/comments/{comment}\n<img src=x onerror=alert(1)>", why=hostile, name="<i>Nora</i>")
    assert answer.status_code == 303
    for page in (
        cast.browser().get(answer.location),
        cast.browser(cast.quill).get(f"/moderation/queue?tab=notices&case={newest().case_id}"),
        cast.browser(cast.quill).post(f"/moderation/notices/{newest().case_id}/sender"),
    ):
        assert page.status_code == 200
        assert "<script>alert" not in page.text and "<img src=x" not in page.text and "<i>Nora" not in page.text
        assert "\u202e" not in page.text


def test_a_forged_form_is_refused(cast: Cast) -> None:
    comment = write(cast.tom, cast.article)
    assert cast.browser().forge("/report", **typed(f"/comments/{comment}")).status_code in (400, 403)
    assert count() == 0


def test_a_guessed_or_changed_address_finds_nothing(cast: Cast) -> None:
    filed(write(cast.tom, cast.article))
    answer = sent(cast.browser(), "/", **RIGHT)
    assert answer.status_code == 303
    for token in (
        newest().reference,
        answer.location.rsplit("/", 1)[1][:-6] + "AAAAAA",
        "x",
        f"{newest().reference}.x",
    ):
        assert cast.browser().get(f"/report/{token}").status_code == 404


def test_the_sender_stands_nowhere_but_behind_the_button(cast: Cast) -> None:
    comment = write(cast.tom, cast.article)
    case_id = filed(comment)
    quill = cast.browser(cast.quill)
    urls = ["/moderation/queue?tab=notices", f"/moderation/queue?tab=notices&case={case_id}", "/moderation/history"]
    urls += [f"/moderation/notices/{case_id}", "/history", f"/articles/{cast.article.slug}", "/moderation/queue?q=Nora"]
    for url in urls:
        page = quill.get(url)
        assert page.status_code == 200 and not any(secret in page.text for secret in SENDER.values()), url
    looked = quill.post(f"/moderation/notices/{case_id}/sender")
    assert all(secret in looked.text for secret in SENDER.values())
    assert (last_act().act, last_act().actor_id) == ("notice.look", cast.quill.id)


def test_the_address_of_a_notice_can_be_copied(cast: Cast) -> None:
    browser = cast.browser()
    address = sent(browser, f"/comments/{write(cast.tom, cast.article)}").location
    page = browser.get(address).text
    assert 'data-copy="own-address"' in page
    assert f'{address.rsplit("/", 1)[1]}">' in page.partition('id="own-address"')[2].partition("\n")[0]
