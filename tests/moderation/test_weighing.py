"""Reports that weigh enough hide a comment until somebody decides."""

from datetime import timedelta

import pytest

from forum import db
from forum.clock import now
from forum.comments.queries import facts
from forum.comments.writing import actions as comments
from forum.ledger import queries as ledger
from forum.moderation import actions
from forum.moderation.models import Decision
from forum.moderation.queries import desk
from forum.moderation.queries.weight import weight
from forum.notifications import queries as notices
from forum.objections import actions as objections
from forum.people.models import Person
from forum.site.models import Site
from tests import factories
from tests.moderation import scene

LONG_AGO = now() - timedelta(days=90)
WORDS = "You are all fools, and I know where you live."


class Readers:
    """Four readers who were right four times, on a site where reports hide from a weight of three."""

    def __init__(self, cast):
        self.cast = cast
        self.good = [factories.person(f"Good {number}", created_at=LONG_AGO) for number in range(4)]
        for _ in range(4):
            spam = scene.write(cast.rosa, cast.article, "Cheap lamps")
            for person in self.good:
                scene.report(person, spam, "spam")
            scene.decide(cast.quill, spam, "spam", "")
        limited(3)
        self.key = scene.write(cast.tom, cast.article, WORDS)

    def report(self, number, key=None):
        """Let so many of them report."""
        for person in self.good[:number]:
            scene.report(person, key or self.key)


@pytest.fixture
def readers(cast):
    return Readers(cast)


def limited(weight):
    db.lock()
    db.session.get_one(Site, 1).report_limit = weight
    db.commit()


def acts():
    return [act.act for act in ledger.acts("comment.hold", limit=9)]


def test_it_waits_and_its_writer_is_told_why(readers, cast):
    readers.report(2)
    assert scene.status(readers.key) == "published"  # 2 × 8/6
    scene.report(readers.good[2], readers.key)
    assert scene.status(readers.key) == "held"
    assert WORDS not in cast.browser().get(f"/articles/{cast.article.slug}").text
    notice = notices.notices(cast.tom.id).items[0]
    assert (notice.kind, notice.by, notice.words) == ("held", "software", WORDS)
    assert "Readers reported it" in cast.browser(cast.tom).get("/notices").text
    assert "until a moderator has decided" in cast.browser(cast.tom).get(f"/comments/{readers.key}").text
    act = ledger.acts("comment.hold", limit=1)[0]
    assert (act.actor_id, act.comment_id, act.person_id) == (None, readers.key, cast.tom.id)
    assert "hid a reported comment" not in cast.browser().get("/history").text


def test_moderators_read_what_the_reports_weigh(readers, cast):
    scene.report(cast.rosa, readers.key)
    readers.report(3)
    page = cast.browser(cast.quill).get(f"/moderation/queue/{readers.key}").text
    assert "Together the reports weigh 4.2." in page
    assert "4 people reported it. Right with an earlier report: 3." in page
    assert "What does the weight mean?" in page
    assert "reports weigh at least 3, it is hidden" in page
    assert (
        "hidden until somebody decides"
        in cast.browser(cast.quill).get(f"/moderation/queue?case={scene.case_of(readers.key)}").text
    )
    assert "The software of this site hid it until somebody decides" in page
    for reader in (cast.tom, cast.rosa):
        assert "weigh" not in cast.browser(reader).get(f"/comments/{readers.key}/more").text


def test_keeping_brings_it_back_lowers_the_weights_and_is_final(readers, cast):
    readers.report(3)
    before = weight(facts(readers.key)).total
    scene.decide(cast.quill, readers.key, "keep", "")
    assert scene.status(readers.key) == "published"
    other = scene.write(cast.tom, cast.article, "Another one")
    limited(0)
    readers.report(3, other)
    assert weight(facts(other)).total < before
    limited(1)
    latecomer = proven(cast, "Late")
    scene.report(latecomer, readers.key)
    scene.report(readers.good[3], readers.key)
    assert scene.status(readers.key) == "published"
    assert acts() == ["comment.hold"]


def test_once_at_most_also_where_the_hiding_was_undone(readers, cast):
    readers.report(3)
    made = db.session.query(Decision).filter_by(decision="hold").one()
    actions.undo(scene.actor(cast.quill), made.id)
    db.commit()
    assert scene.status(readers.key) == "published"
    assert [flag.is_open for flag in case(cast, readers.key).reports] == [True] * 3  # nobody decided about them
    scene.report(readers.good[3], readers.key)
    assert scene.status(readers.key) == "published"
    key = comments.withdraw(scene.actor(cast.tom), readers.key)
    db.commit()
    comments.undo_withdraw(scene.actor(cast.tom), readers.key)
    db.commit()
    assert key is not None and scene.status(readers.key) == "published"


def test_a_reporter_is_led_to_the_article(readers, cast):
    readers.report(2)
    answer = cast.browser(readers.good[2]).post(f"/comments/{readers.key}/flag", reason="abuse", note="")
    assert scene.status(readers.key) == "held"
    assert (answer.status_code, answer.location) == (303, f"/articles/{cast.article.slug}")


def test_removing_it_after_all(readers, cast):
    readers.report(3)
    scene.decide(cast.quill, readers.key, "hide")
    assert scene.status(readers.key) == "hidden"
    assert scene.told(readers.good[0])[0] == ("report-answered", "removed")


def test_a_moderator_who_looked_at_it_before_may_still_decide(readers, cast):
    """The software's hiding is no decision that a moderator would have to hear of first."""
    seen = case(cast, readers.key).seen
    readers.report(3)
    actions.decide(scene.actor(cast.quill), readers.key, "keep", "", seen=seen)
    db.commit()
    assert scene.status(readers.key) == "published"


def test_its_writer_objects_and_is_upheld(readers, cast):
    readers.report(3)
    notice = notices.notices(cast.tom.id).items[0]
    page = cast.browser(cast.tom).get(f"/notices/{notice.id}/object")
    assert page.status_code == 200
    assert "by itself" in page.text
    made = objections.object_to(scene.actor(cast.tom), notice.id, "Those were friendly words.")
    db.commit()
    assert "Hidden until somebody decides" in cast.browser(cast.quill).get(f"/moderation/objections/{made.id}").text
    objections.decide(scene.actor(cast.quill), made.id, "upheld", "They were.")
    db.commit()
    assert scene.status(readers.key) == "published"


def test_nothing_to_object_to_once_it_is_kept(readers, cast):
    readers.report(3)
    notice = notices.notices(cast.tom.id).items[0]
    scene.decide(cast.quill, readers.key, "keep", "")
    assert "taken back already" in cast.browser(cast.tom).get(f"/notices/{notice.id}/object").text


def test_off_by_default(readers, cast):
    assert Site.__table__.c.report_limit.default.arg == 0
    limited(0)
    readers.report(4)
    assert scene.status(readers.key) == "published"
    assert acts() == []


def test_many_new_accounts_hide_nothing(readers, cast):
    limited(1)
    for number in range(40):
        scene.report(factories.person(f"New {number}"), readers.key)
    scene.report(readers.good[0], readers.key)
    for _ in range(10):
        scene.report(None, readers.key)
    assert scene.status(readers.key) == "published"
    assert weight(facts(readers.key)).total < 2


def test_many_new_accounts_that_were_right_about_each_other_hide_nothing(readers, cast):
    """They write spam themselves, report it, and so are right."""
    limited(1)
    new = [factories.person(f"New {number}") for number in range(4)]
    for _ in range(4):
        spam = scene.write(new[0], cast.article, "Cheap lamps")
        for person in new[1:]:
            scene.report(person, spam, "spam")
        scene.decide(cast.quill, spam, "spam", "")
    for person in new:
        scene.report(person, readers.key)
    assert scene.status(readers.key) == "published"


@pytest.mark.parametrize("writer", ["quill", "ada", "ida"])
def test_never_staffs_or_the_articles_author(readers, cast, writer):
    key = scene.write(getattr(cast, writer), cast.article, WORDS)
    readers.report(4, key)
    assert scene.status(key) == "published"


def test_an_author_under_anothers_article_is_a_reader(readers, cast):
    key = scene.write(cast.otto, cast.article, WORDS)
    readers.report(3, key)
    assert scene.status(key) == "held"


def test_a_reporter_who_answers_the_writer_in_the_thread_counts_nothing(readers, cast):
    first, second = readers.good[:2]
    scene.write(first, cast.article, "Why?", readers.key)
    mine = scene.write(second, cast.article, "I was there.", readers.key)
    theirs = scene.write(cast.tom, cast.article, "You were not.", mine)
    readers.report(4)
    assert scene.status(readers.key) == "published"
    assert weight(facts(readers.key)).in_exchange == 2
    assert "2 of them are in an exchange" in cast.browser(cast.quill).get(f"/moderation/queue/{readers.key}").text
    readers.report(4, theirs)
    assert scene.status(theirs) == "published"
    elsewhere = scene.write(cast.tom, cast.article, "A thread of its own")
    readers.report(3, elsewhere)
    assert scene.status(elsewhere) == "held"


def test_ones_own_decisions_do_not_count(readers, cast):
    db.lock()
    db.session.get_one(Person, cast.quill.id).created_at = LONG_AGO
    db.commit()
    for _ in range(5):
        spam = scene.write(cast.rosa, cast.article, "Cheap lamps")
        scene.report(cast.quill, spam, "spam")
        scene.decide(cast.quill, spam, "spam", "")
    scene.report(cast.quill, readers.key)
    found = weight(facts(readers.key))
    assert (found.right, found.total) == (0, pytest.approx(0.2))


def test_an_edit_while_it_waits_does_not_bring_it_back(readers, cast):
    readers.report(3)
    comments.edit(scene.actor(cast.tom), readers.key, "You are all dears.")
    db.commit()
    assert scene.status(readers.key) == "held"
    assert case(cast, readers.key).is_edited_since


def proven(cast, name):
    """Return somebody who was right three times."""
    person = factories.person(name, created_at=LONG_AGO)
    for _ in range(3):
        spam = scene.write(cast.rosa, cast.article, "Cheap lamps")
        scene.report(person, spam, "spam")
        scene.decide(cast.quill, spam, "spam", "")
    return person


def case(cast, key):
    return desk.case(scene.actor(cast.quill), key)
