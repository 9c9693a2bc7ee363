"""No removed word stands anywhere: each way in which a comment is removed, in each channel that others have.

`tests/feeds/test_hidden.py` and `tests/following/test_hidden.py` say what each status shows; here are the acts, and the
pages that people open. `test_erase.py` looks into the tables.
"""

from datetime import timedelta

import pytest
from sqlalchemy import update

from forum import db
from forum.clock import now
from forum.comments.writing import actions as comments
from forum.following import telling
from forum.jobs import actions as jobs
from forum.jobs.models import Job
from forum.legal import deciding
from forum.moderation import bulk, erasing
from forum.notifications import subscriptions
from forum.site.models import Site
from tests import factories
from tests.following.test_by_mail import reach
from tests.legal.scene import decided, do, filed
from tests.moderation import scene
from tests.transfer.scene import taken_out

WORDS, NAME = "Unspeakable words", "Zebedee Quux"


class Talk:
    """Zebedee answered Tom and was answered twice, the second time far below; Ida follows, mail goes to Tom and her."""

    def __init__(self, mailing):
        self.mailing, self.cast = mailing, mailing.cast
        cast = self.cast
        self.good = _proven(cast)
        reach(cast.tom, answer="now")
        reach(cast.ida, comment="daily")
        subscriptions.follow(scene.actor(cast.ida), "article", cast.article.id)
        db.commit()
        self.zebedee = factories.person(NAME)
        self.first = scene.write(cast.tom, cast.article, "A beginning.")
        mailing.work()
        mailing.server.received.clear()
        self.made = scene.write(self.zebedee, cast.article, WORDS, self.first)
        scene.write(cast.rosa, cast.article, "A long answer. " * 100, self.made)
        self.far = scene.write(cast.otto, cast.article, "Another answer.", self.made)
        taken = jobs.take(now(), ("comments.tell",), only=("comments.tell",))
        with cast.app.test_request_context():
            jobs.finish(taken, telling.tell_of_comments(taken))  # the notices are there, and no letter went
        db.commit()

    def read(self):
        """Return what each channel holds, by its name."""
        visitor, slug = self.cast.browser(), self.cast.article.slug
        paths = {
            "page": f"/articles/{slug}",
            "newest first": f"/articles/{slug}?order=newest",
            "permalink": f"/comments/{self.made}",
            "branch of what it answered": f"/comments/{self.first}/branch",
            "its own branch": f"/comments/{self.made}/branch",
            "branch of an answer": f"/comments/{self.far}/branch",
            "feed of the article": f"/feeds/articles/{slug}",
            "feed of the branch": f"/feeds/comments/{self.first}",
            "its own feed": f"/feeds/comments/{self.made}",
            "feed of articles": "/feeds/articles",
            "sitemap": "/sitemaps/0.xml",
            "history": "/history",
            "profile": f"/people/{self.zebedee.username}",
            "list of comments": f"/people/{self.zebedee.username}/comments",
            "first page": "/",
        }
        found = {name: visitor.get(path, follow_redirects=True).text for name, path in paths.items()}
        member = self.cast.browser(self.cast.rosa)
        for name, path in {
            "page of a member": paths["page"],
            "what one can do": f"/comments/{self.made}/more",
            "what one can do with an answer": f"/comments/{self.far}/more",
            "form of a report": f"/comments/{self.made}/flag",
            "form of an answer": f"/comments/{self.made}/reply",
            "earlier versions": f"/comments/{self.made}/history",
        }.items():
            found[name] = member.get(path).text
        found["archive for reading"] = taken_out(slug, "html").decode()
        db.rollback()
        return found

    def told(self):
        """Return the pages of notices of Tom, who was answered, and of Ida; then these are read."""
        return "".join(self.cast.browser(person).get("/notices").text for person in (self.cast.tom, self.cast.ida))

    def mailed(self):
        """Let the worker send what waits, and return all letters."""
        db.lock()
        db.session.execute(update(Job).values(due_at=now()))
        db.commit()
        self.mailing.work()
        db.lock()
        db.session.execute(update(Job).values(due_at=now()))
        db.commit()
        self.mailing.work()
        return "".join(one.part(kind) for one in self.mailing.server.received for kind in ("plain", "html"))


def _proven(cast):
    """Return two readers whose reports weigh."""
    good = [factories.person(f"Good {number}", created_at=now() - timedelta(days=90)) for number in range(2)]
    for _ in range(3):
        spam = scene.write(cast.rosa, cast.article, "Cheap lamps")
        for person in good:
            scene.report(person, spam, "spam")
        scene.decide(cast.quill, spam, "spam", "")
    return good


@pytest.fixture
def talk(mailing):
    return Talk(mailing)


def decides(decision, rule="1"):
    """Return the act of a moderator who decides so."""
    return lambda talk: scene.decide(talk.cast.quill, talk.made, decision, rule)


def erases(talk):
    erasing.erase_comment(scene.actor(talk.cast.ada), talk.made, "1")
    db.commit()


def removes_by_law(talk):
    decided(talk.cast.quill, filed(talk.made), "hide")


def hides_meanwhile(talk):
    do(talk.cast.quill, deciding.hide_meanwhile, filed(talk.made))


def is_about_a_child(talk):
    filed(talk.made, "child")


def is_hidden_by_reports(talk):
    db.lock()
    db.session.get_one(Site, 1).report_limit = 2
    db.commit()
    for person in talk.good:
        scene.report(person, talk.made, note=f"He wrote {WORDS}")


def is_one_of_several(talk):
    scene.report(talk.cast.otto, talk.made)
    act = bulk.begin(scene.actor(talk.cast.quill), [scene.case_of(talk.made)], now(), "hide", "1", "")
    db.commit()
    while bulk.step(act.id):
        db.commit()


def is_deleted_by_its_writer(talk):
    comments.withdraw(scene.actor(talk.zebedee), talk.made)
    db.commit()


WAYS = {
    "removed": (decides("hide"), "hidden"),
    "removed with replies": (decides("hide-replies"), "hidden"),
    "spam": (decides("spam", ""), "spam"),
    "one of several": (is_one_of_several, "hidden"),
    "removed for good": (erases, "erased"),
    "removed by law": (removes_by_law, "hidden"),
    "hidden while a notice is open": (hides_meanwhile, "hidden"),
    "sealed at once": (is_about_a_child, "sealed"),
    "hidden by reports": (is_hidden_by_reports, "held"),
    "deleted by its writer": (is_deleted_by_its_writer, "withdrawn"),
}
# Where the words stand before; so that a channel that tells nothing any more fails here.
TELLING = {
    *("page", "newest first", "permalink", "branch of what it answered", "its own branch", "branch of an answer"),
    *("feed of the article", "feed of the branch", "its own feed", "list of comments", "page of a member"),
    *("form of a report", "form of an answer", "archive for reading"),
}
HIS_OWN = {"profile", "list of comments"}  # which has his name, whatever he wrote


@pytest.mark.parametrize("way", WAYS)
def test_no_word_of_it_stands_anywhere(talk, way):
    act, status = WAYS[way]
    before = talk.read()
    assert {name for name, text in before.items() if WORDS in text} >= TELLING
    act(talk)
    assert scene.status(talk.made) == status
    after = talk.read()
    letters, told = talk.mailed(), talk.told()
    after |= {"letters": letters, "notices": told}
    assert [name for name, text in after.items() if WORDS in text] == []
    assert [name for name, text in after.items() if NAME in text and name not in HIS_OWN] == []


def test_what_stands_is_told_and_mailed(talk):
    """Without a removal the same notices and letters have the words, so that their absence says something."""
    assert WORDS in talk.mailed()
    assert WORDS in talk.told()
