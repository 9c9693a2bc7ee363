"""Report a comment."""

from dataclasses import replace

from forum import create_app, db
from forum.cases.models import Flag
from forum.moderation import erasing
from forum.notifications.models import Notice
from tests.moderation import scene


def test_a_report_keeps_the_text_as_it_stood(cast):
    key = scene.write(cast.tom, cast.article, "You **liar**.")
    answer = cast.browser(cast.rosa).post(f"/comments/{key}/flag", reason="abuse", note="Not like this")
    assert (answer.status_code, answer.location) == (303, f"/comments/{key}")
    made = db.session.query(Flag).one()
    assert (made.reason, made.note, made.source, made.format) == ("abuse", "Not like this", "You **liar**.", "markdown")
    assert scene.last_act().act == "flag.add"


def test_the_form_shows_the_comment(cast):
    key = scene.write(cast.tom, cast.article, "A sentence to be shown")
    page = cast.browser(cast.rosa).get(f"/comments/{key}/flag")
    assert page.status_code == 200
    assert "A sentence to be shown" in page.text
    assert 'name="reason"' in page.text


def test_once_per_person(cast):
    key = scene.write(cast.tom, cast.article)
    browser = cast.browser(cast.rosa)
    browser.post(f"/comments/{key}/flag", reason="spam", note="the first")
    second = browser.post(f"/comments/{key}/flag", reason="abuse", note="the second")
    assert second.status_code == 409
    assert "You have reported this comment already." in second.text
    assert "the first" in second.text and "the second" in second.text
    assert scene.flags() == 1


def test_the_form_shows_ones_earlier_report_instead(cast):
    key = scene.write(cast.tom, cast.article)
    scene.report(cast.rosa, key, note="the first")
    page = cast.browser(cast.rosa).get(f"/comments/{key}/flag").text
    assert "the first" in page
    assert 'name="reason"' not in page


def test_several_people_report_the_same(cast):
    key = scene.write(cast.tom, cast.article)
    scene.report(cast.rosa, key)
    scene.report(cast.otto, key)
    assert scene.flags() == 2


def test_a_reason_is_needed_and_the_note_is_given_back(cast):
    key = scene.write(cast.tom, cast.article)
    answer = cast.browser(cast.rosa).post(f"/comments/{key}/flag", reason="", note="typed for an hour")
    assert answer.status_code == 422
    assert "typed for an hour" in answer.text
    assert scene.flags() == 0


def test_an_unknown_reason_and_a_long_note_are_refused(cast):
    key = scene.write(cast.tom, cast.article)
    browser = cast.browser(cast.rosa)
    assert browser.post(f"/comments/{key}/flag", reason="ugly").status_code == 422
    assert browser.post(f"/comments/{key}/flag", reason="spam", note="x" * 1001).status_code == 422
    assert scene.flags() == 0


def test_the_form_answers_before_a_word_is_typed(cast):
    key = scene.write(cast.tom, cast.article)
    for person, reason in (
        (cast.tom, "This is your own comment."),
        (cast.sven, "You can only read here until"),
        (cast.nele, "Your account waits for approval."),
    ):
        page = cast.browser(person).get(f"/comments/{key}/flag")
        assert page.status_code == 200
        assert reason in page.text
        assert 'name="reason"' not in page.text


def test_a_person_who_may_not_is_refused(cast):
    key = scene.write(cast.tom, cast.article)
    for person, wanted in ((cast.tom, 403), (cast.sven, 403), (cast.nele, 403)):
        assert cast.browser(person).post(f"/comments/{key}/flag", reason="spam").status_code == wanted
    assert scene.flags() == 0


def test_what_one_may_not_know_of_is_not_found(cast):
    scene.let_guests_write()
    held = scene.write(None, cast.article, "A secret sentence")
    answer = cast.browser(cast.rosa).get(f"/comments/{held}/flag")
    assert answer.status_code == 404
    assert "A secret sentence" not in answer.text
    assert cast.browser(cast.rosa).post(f"/comments/{held}/flag", reason="spam").status_code == 404
    assert cast.browser(cast.rosa).get(f"/comments/{10**30}/flag").status_code == 404


def test_a_removed_comment_is_refused_without_its_text(cast):
    key = scene.write(cast.tom, cast.article, "A secret sentence")
    scene.write(cast.rosa, cast.article, "An answer", key)
    scene.decide(cast.quill, key, "hide")
    browser = cast.browser(cast.rosa)
    assert "A secret sentence" not in browser.get(f"/comments/{key}/flag").text
    answer = browser.post(f"/comments/{key}/flag", reason="spam", note="typed for an hour")
    assert answer.status_code == 409
    assert "typed for an hour" in answer.text


def test_a_forged_report_changes_nothing(cast):
    key = scene.write(cast.tom, cast.article)
    assert cast.browser(cast.rosa).forge(f"/comments/{key}/flag", reason="spam").status_code == 403
    assert scene.flags() == 0


def test_a_guest_reports_once_from_a_browser(cast):
    key = scene.write(cast.tom, cast.article)
    browser = cast.browser()
    assert 'name="reason"' in browser.get(f"/comments/{key}/flag").text
    answer = browser.post(f"/comments/{key}/flag", reason="private", note="My address stands there")
    assert (answer.status_code, answer.location) == (303, f"/comments/{key}")
    made = db.session.query(Flag).one()
    assert (made.person_id, made.reason, made.note) == (None, "private", "My address stands there")
    assert 'name="reason"' not in browser.get(f"/comments/{key}/flag").text
    again = browser.post(f"/comments/{key}/flag", reason="abuse", note="once more")
    assert again.status_code == 409
    assert "once more" in again.text
    assert scene.flags() == 1
    other = cast.browser()
    assert "My address" not in other.get(f"/comments/{key}/flag").text
    assert other.post(f"/comments/{key}/flag", reason="abuse").status_code == 303
    assert scene.flags() == 2


def test_guests_and_members_are_shown_side_by_side_and_only_members_are_told(cast):
    key = scene.write(cast.tom, cast.article)
    cast.browser().post(f"/comments/{key}/flag", reason="abuse", note="From a guest")
    cast.browser().post(f"/comments/{key}/flag", reason="abuse")
    scene.report(cast.rosa, key, note="From Rosa")
    for address in (f"/moderation/queue?case={scene.case_of(key)}", f"/moderation/queue/{key}"):
        page = cast.browser(cast.quill).get(address).text
        assert "a guest" in page and "From a guest" in page
        assert '/people/rosa"><bdi>Rosa' in page
    scene.decide(cast.quill, key, "hide")
    assert {notice.person_id for notice in db.session.query(Notice)} == {cast.tom.id, cast.rosa.id}


def test_erasing_what_a_guest_reported_tells_no_guest(cast):
    key = scene.write(cast.tom, cast.article)
    cast.browser().post(f"/comments/{key}/flag", reason="abuse")
    erasing.erase_comment(scene.actor(cast.ada), key, "1")
    db.commit()
    assert db.session.query(Flag).one().source == ""


def test_guests_are_held_to_a_stricter_limit(cast, database, settings, tmp_path):
    keys = [scene.write(cast.tom, cast.article, f"Comment {number}") for number in range(6)]
    cast.app = create_app(replace(settings, instance=tmp_path / "limits", database_url=database, rate_limits=True))
    said = {
        name: [browser.post(f"/comments/{key}/flag", reason="spam").status_code for key in keys]
        for name, browser in (("guest", cast.browser()), ("rosa", cast.browser(cast.rosa)))
    }
    with cast.app.app_context():
        db.engine().dispose()
    assert said == {"guest": [303] * 5 + [429], "rosa": [303] * 6}
