"""Every action of every room, and ways to let somebody do it in a discussion."""

from __future__ import annotations

import importlib
import inspect
import itertools
import pkgutil
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import delete, select, update

import forum
from forum import db
from forum.articles import actions as articles
from forum.articles.actions import check_words
from forum.articles.models import Article, ArticleRevision, Tag
from forum.cases.models import Case
from forum.clock import now
from forum.closures.models import Closure
from forum.comments.ending import actions as ending
from forum.comments.ending.request import Ending
from forum.comments.models import Comment, Revision
from forum.comments.moving import actions as moving
from forum.comments.moving import merging
from forum.comments.reading import visits
from forum.comments.writing import actions as writing
from forum.following import telling
from forum.jobs import actions as jobs
from forum.jobs.actions import Taken
from forum.jobs.models import MadeFile, MadePart
from forum.legal import actions as legal
from forum.legal import deciding
from forum.legal.actions import Filing
from forum.moderation import actions as moderation
from forum.moderation import bulk, exchanges
from forum.moderation.models import Decision
from forum.moderation.removal import begin_removal
from forum.moderation.tags import choose_tags
from forum.notifications import actions as notices
from forum.notifications import followers, subscriptions
from forum.notifications.address_links import Wish
from forum.notifications.models import Notice, Subscription
from forum.objections import actions as objections
from forum.people import actions as people
from forum.people import networks
from forum.people.models import OneTimeLink, Person, Session
from forum.people.queries import viewer_of
from forum.pictures import actions as pictures
from forum.policy import NOBODY, Actor
from forum.sanctions import actions as sanctions
from forum.sanctions.actions import Wanted
from forum.saved_replies import actions as saved_replies
from forum.site import actions as site
from forum.site.models import Site
from forum.site.queries import site as settings
from forum.transfer import asking
from forum.transfer.wanted import Wanted as Export
from tests.moderation.scene import let_guests_write
from tests.people.members import HASH
from tests.pictures.drawn import made
from tests.transfer.scene import lines, sealed, taken_out

Do = Callable[[], Any]
OUTSIDE = {"acting", "db", "demo"}  # what locks for others, and what only fills an empty database
BEGINS = {"lock", "lock_as", "lock_at", "locked", "locked_by"}  # how a write begins; the last two for an article


def every_action() -> dict[str, Callable[..., Any]]:
    """Return all public functions that begin a write, by room and name: "comments.post"."""
    found: dict[str, Callable[..., Any]] = {}
    for module in pkgutil.walk_packages(forum.__path__, "forum."):
        room = module.name.split(".")[1]
        if room in OUTSIDE or module.name.endswith("__main__"):
            continue
        for name, value in vars(importlib.import_module(module.name)).items():
            own = inspect.isfunction(value) and value.__module__ == module.name and not name.startswith("_")
            if own and name not in BEGINS and _begins_write(value, set()):
                assert f"{room}.{name}" not in found, f"two actions are called {room}.{name}"
                found[f"{room}.{name}"] = value
    return found


def _begins_write(function: Any, seen: set[str]) -> bool:
    """Tell whether a function takes the lock, itself or through a private function beside it."""
    names = set(function.__code__.co_names)
    beside = (function.__globals__.get(name) for name in names - seen if name.startswith("_"))
    mine = [other for other in beside if inspect.isfunction(other) and other.__module__ == function.__module__]
    return bool(names & BEGINS) or any(_begins_write(other, seen | names) for other in mine)


class Scene:
    """A furnished site, with ways to make what an action needs.

    `ids` are those of the cast by name. `choose` picks one of several ids; the first is the one that was just made.
    """

    def __init__(self, ids: Mapping[str, int], article_id: int, slug: str, folder: Path) -> None:
        self.ids, self.article_id, self.slug, self.folder = ids, article_id, slug, folder
        self.choose: Callable[[Sequence[int]], int] = lambda ids: ids[0]
        self._numbers = itertools.count(1)

    def case(self) -> int:
        """Make a case of a comment that waits, and return its id."""
        return db.session.execute(select(Case.id).where(Case.comment_id == self.comment("guest"))).scalar_one()

    def furnish(self) -> None:
        """Let people talk, and guests too."""
        let_guests_write()
        first = self.comment("tom", "The ferry sailed **early**.")
        answer = self.comment("rosa", "It was late.", first)
        self.comment("tom", "By your watch.", answer)
        self.comment("otto", "Which ferry?")

    def actor(self, name: str) -> Actor:
        """Return one of the cast as they are now; "guest" has no account."""
        return NOBODY if name == "guest" else viewer_of(self.ids[name]) or NOBODY

    def by(self, name: str, act: Callable[..., Any], *arguments: Any, **options: Any) -> Do:
        """Return the act of somebody, to be done later."""
        return lambda: act(self.actor(name), *arguments, **options)

    def made(self, name: str, act: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
        """Let somebody do something now, and commit."""
        made = act(self.actor(name), *arguments, **options)
        db.commit()
        return made

    def name(self) -> str:
        """Return a name nobody has."""
        return f"wren{next(self._numbers)}"

    def comment(self, name: str = "tom", body: str = "", parent: int | None = None) -> int:
        """Let somebody write a comment."""
        guest = {"guest_name": "Passer-by"} if name == "guest" else {}
        body = body or f"Remark {next(self._numbers)}."
        return int(self.made(name, writing.post, self.article_id, body, parent_id=parent, **guest).id)

    def any_comment(self, name: str = "tom", parent: int | None = None) -> int:
        """Return a comment: a new one, unless another is chosen."""
        return self._any(Comment, self.comment(name, parent=parent))

    def branch(self) -> int:
        """Return a comment with a reply."""
        made = self.any_comment()
        self.comment("rosa", parent=made)
        return made

    def tag(self) -> str:
        """Give the article a tag, and return its name."""
        self.made("ida", articles.edit, self.article_id, articles.check_words("Other", "Words.", ["Ferries"]))
        return "Ferries"

    def tag_moderator(self) -> int:
        """Let Rosa moderate in a tag of the article, and return her id."""
        self.made("ada", choose_tags, self.ids["rosa"], [self.tag()])
        return self.ids["rosa"]

    def other_article(self) -> int:
        """Make another article of Ida's, with a comment, and return its id."""
        made = articles.create(self.actor("ida"), check_words(self.name(), "Words."))
        articles.publish(self.actor("ida"), made.id)
        id = made.id
        db.commit()
        self.made("tom", writing.post, id, "Here, too.")
        return id

    def merged(self) -> int:
        """Let Ida move the whole discussion to another article, and return the id of its first move."""
        self.comment()
        return int(self.made("ida", merging.merge, self.article_id, self.other_article()).id)

    def move(self) -> int:
        """Let Quill move a branch to another article, and return the move's id."""
        return int(self.made("quill", moving.move, self.branch(), self.other_article()).id)

    def held(self) -> int:
        """Return a comment that waits, unless another is chosen."""
        return self.any_comment("guest")

    def approved_guest(self) -> int:
        """Return a guest's comment that a moderator approved."""
        made = self.held()
        self.made("quill", moderation.decide, made, "keep")
        return made

    def withdrawn(self) -> int:
        """Let Tom delete a comment that Rosa answered."""
        made = self.comment("tom")
        self.comment("rosa", parent=made)
        self.made("tom", writing.withdraw, made)
        return made

    def decision(self, decision: str, name: str = "tom") -> int:
        """Let Quill decide about a reported comment."""
        made = self.branch() if name == "tom" else self.held()
        rule = "1" if decision.startswith("hide") else ""
        return self._any(Decision, self.made("quill", moderation.decide, made, decision, rule).id)

    def nearly_hidden(self) -> int:
        """Return a comment that Rosa's report hides until somebody decides, since Otto reported it, too."""
        self.by_hand(update(Site), report_limit=2)
        self.by_hand(update(Person), created_at=now() - timedelta(days=90))
        for _ in range(3):
            spam = self.comment("tom")
            for name in ("rosa", "otto"):
                self.made(name, moderation.flag, spam, "spam")
            self.made("quill", moderation.decide, spam, "spam")
        made = self.comment("tom")
        self.made("otto", moderation.flag, made, "abuse")
        return made

    def talk_in_circles(self) -> None:
        """Let Tom and Rosa answer each other for six rounds, at greater length, and let people report it."""
        answered = None
        for number in range(12):
            answered = self.comment("rosa" if number % 2 else "tom", "No. " * (1 + number), answered)
        for name in ("otto", "ada"):
            self.made(name, moderation.flag, answered, "abuse")

    def exchange(self) -> int:
        """Return the case of an exchange that goes in circles."""
        self.talk_in_circles()
        exchanges.watch(now())
        db.commit()
        return int(db.session.scalars(select(Case.id).where(Case.kind == "exchange", Case.state == "open")).one())

    def slowed(self, by: str, name: str) -> int:
        """Let somebody slow somebody down, and return the sanction's id."""
        return int(self.made(by, sanctions.sanction, self.ids[name], Wanted("slow", words="Rest.", minutes=5)).id)

    def told_notice(self) -> int:
        """Slow Tom down, and return the notice that tells him."""
        self.slowed("quill", "tom")
        mine = select(Notice.id).where(Notice.person_id == self.ids["tom"], Notice.kind == "sanction")
        return int(db.session.scalars(mine.order_by(Notice.id.desc()).limit(1)).one())

    def objection(self) -> int:
        """Let Tom object, and return the objection's id."""
        return int(self.made("tom", objections.object_to, self.told_notice(), "It was not rude.").id)

    def mailed_id(self, name: str, verified: bool = False) -> int:
        """Give somebody a mail address, and return their id."""
        self.by_hand(
            update(Person).where(Person.id == self.ids[name]),
            email=f"{name}@post.example",
            email_verified_at=now() if verified else None,
        )
        return self.ids[name]

    def taken_job(self, kind: str = "tests.nothing", **subject: int) -> Taken:
        """Return a job of a kind that a worker took, about what is given."""
        db.lock()
        jobs.put(kind, now(), subject)
        db.commit()
        (taken,) = jobs.take(now(), only=[kind])
        db.commit()
        return taken

    def bulk(self, done: bool = True) -> int:
        """Let Quill decide about several cases as one act, and return its id."""
        made = int(self.made("quill", bulk.begin, [self.case(), self.case()], now(), "spam", "", "").id)
        while done and bulk.step(made):
            db.commit()
        return made

    def removal(self) -> int:
        """Let Quill put down that two comments of Tom's are removed, and return the act's id."""
        keys = [self.branch(), self.comment()]
        return int(self.made("quill", begin_removal, self.ids["tom"], keys, now(), "hide", "1", "").id)

    def taken_back(self) -> int:
        """Let Quill ask for the undo of such an act, and return its id."""
        made = self.bulk()
        self.made("quill", bulk.take_back, made)
        return made

    def job(self, subject: dict[str, Any]) -> Taken:
        """Return a job of a kind that is done by itself."""
        return Taken(1, "tests.by-hand", subject, 1, now(), now())

    def notice(self) -> int:
        """Let Tom be told of an answer."""
        first = self.comment()
        answer = self.comment("rosa", parent=first)
        telling.tell_of_comments([self.job({"comments": [answer]})])
        db.commit()
        return db.session.scalars(select(Notice.id).order_by(Notice.id.desc())).first() or 0

    def subscription(self) -> int:
        """Let Tom follow the discussion."""
        self.made("tom", subscriptions.follow, "article", self.article_id)
        return db.session.scalars(select(Subscription.id).order_by(Subscription.id.desc())).first() or 0

    def wish(self, *, confirmed: bool = False) -> Wish:
        """Return what an address of nobody's wants."""
        found = Wish(f"{self.name()}@post.example", "article", self.article_id)
        if confirmed:
            followers.confirm_address(found)
            db.commit()
        return found

    def address(self) -> tuple[int, int]:
        """Let an address follow the discussion; return its id and the subscription's."""
        self.wish(confirmed=True)
        newest = select(Subscription.address_id, Subscription.id).order_by(Subscription.id.desc()).limit(1)
        address_id, id = db.session.execute(newest).one()
        return int(address_id), int(id)

    def member_moment(self) -> datetime:
        """Let an address follow something that is Rosa's own, confirmed."""
        self.mailed_id("rosa", verified=True)
        followers.confirm_address(Wish("rosa@post.example", "article", self.article_id))
        db.commit()
        return now()

    def read_moment(self) -> datetime:
        """Let Tom read a notice; return a moment at which it is old."""
        notices.mark_shown({self.notice()})
        db.commit()
        return now() + timedelta(days=100)

    def failed_moment(self) -> datetime:
        """Let a job be given up; return a moment after that."""
        self.failed_job()
        return now() + timedelta(days=1)

    def failed_job(self) -> int:
        """Return a job that was given up."""
        taken = self.taken_job()
        jobs.fail(taken, "It cannot be done.", for_good=True)
        db.commit()
        return taken.id

    def file(self) -> int:
        """Let Ada ask for a large export; those of before are gone, for there is room for few."""
        db.lock()
        db.session.execute(delete(MadePart))
        db.session.execute(delete(MadeFile))
        db.commit()
        return int(self.made("ada", asking.ask_for_file, "csv", Export(), 0))

    def taken_file(self) -> Taken:
        """Let a worker take the job of one."""
        self.file()
        (taken,) = jobs.take(now(), only=[asking.JOB])
        db.commit()
        return taken

    def tag_id(self) -> int:
        """Give the article a tag, and return its id."""
        return db.session.scalars(select(Tag.id).where(Tag.name == self.tag())).one()

    def closure(self, whole: bool = False, many: bool = False, until: datetime | None = None) -> int:
        """Let Quill close a branch or the whole discussion, or an admin the site."""
        end = Ending(words="Enough.", staff_may=True, until=until)
        if many:
            made = self.made("ada", ending.close_many, None, end)
        elif whole:
            made = self.made("quill", ending.close_article, self.article_id, end)
        else:
            made = self.made("quill", ending.close_branch, self.branch(), end)
        return self._any(Closure, made.id)

    def network_moment(self) -> datetime:
        """Let Rosa sign in from a network, and return when that is no longer kept."""
        networks.remember_network(self.ids["rosa"], "1.2.3.4", "secret")
        db.commit()
        return now() + timedelta(days=31)

    def visit_moment(self) -> datetime:
        """Let Rosa read the discussion, and return when that is no longer kept."""
        visits.note(self.ids["rosa"], self.article_id, None, now(), now())
        db.commit()
        return now() + timedelta(days=366)

    def saved_reply(self) -> int:
        """Let Quill keep a text, and return it."""
        return int(self.made("quill", saved_replies.save_reply, "Thanks", "Thank you.").id)

    def revision(self) -> int:
        """Let Tom edit a comment, and return its earlier version."""
        self.made("tom", writing.edit, self.comment(), f"Edited {next(self._numbers)}.")
        return self._any(Revision, db.session.scalars(select(Revision.id).order_by(Revision.id.desc())).first() or 0)

    def article_version(self) -> int:
        """Let Ida save other words, and return the version before."""
        words = articles.check_words(f"Saved {next(self._numbers)}", "Words.", ["Ferries"])
        self.made("ida", articles.edit, self.article_id, words)
        return self._any(ArticleRevision, db.session.scalars(select(ArticleRevision.id)).first() or 0)

    def draft(self) -> int:
        """Let Ida begin an article."""
        words = articles.check_words(f"Draft {next(self._numbers)}", "Words.")
        return self._any(Article, self.made("ida", articles.create, words).id)

    def scheduled(self) -> int:
        """Let Ida begin an article that comes out tomorrow."""
        made = self.draft()
        self.made("ida", articles.schedule, made, now() + timedelta(days=1))
        return made

    def picture(self) -> str:
        """Let Ida add a picture, and return its name."""
        drawn = made(f"#{next(self._numbers):06x}", (40, 30))
        self.made("ida", pictures.add, settings(), drawn, "Herons")
        return drawn.picture.name

    def change(self) -> int:
        """Let Ada change a setting."""
        return int(self.made("ada", site.change_settings, {"tagline": f"Quiet, {self.name()}"}).id)

    def invitation(self) -> tuple[str, int]:
        """Make an invitation; return its token and its id."""
        path = self.made("ada", people.make_invitation, "for a friend")
        newest = select(OneTimeLink.id).order_by(OneTimeLink.id.desc())
        return path.rsplit("/", 1)[1], db.session.scalars(newest).first() or 0

    def session_id(self) -> int:
        """Return Rosa's session."""
        return db.session.scalars(select(Session.id).where(Session.person_id == self.ids["rosa"])).first() or 0

    def password(self, name: str) -> None:
        """Give somebody the password PHRASE."""
        self.by_hand(update(Person).where(Person.id == self.ids[name]), password_hash=HASH)

    def not_set_up(self) -> None:
        """Make the site one that is not set up."""
        self.by_hand(update(Site), set_up_at=None)

    def by_hand(self, statement: Any, **values: Any) -> None:
        """Change rows past all actions, and commit."""
        db.lock()
        db.session.execute(statement.values(**values), execution_options={"synchronize_session": False})
        db.commit()
        db.session.expire_all()

    def archives(self) -> tuple[bytes, bytes]:
        """Return an archive of another site, and a later one of it with one comment more."""
        records = lines(taken_out(self.slug))
        db.rollback()
        records[0]["origin"] = f"{next(self._numbers):032x}"
        last = max(i for i, record in enumerate(records) if record["type"] == "comment")
        later = {**records[last], "id": 10**6, "parent": None, "source": "From elsewhere."}
        return sealed(records), sealed([*records[: last + 1], later, *records[last + 1 :]])

    def filing(self, kind: str) -> Filing:
        """Return a notice of law about a branch of Tom's."""
        return Filing(f"/comments/{self.branch()}", kind, "It is.", "Nora", "nora@post.example")

    def law(self, *, hidden: bool = False, decision: str = "") -> int:
        """Send a notice of law about a comment, perhaps hide that and decide; return the case."""
        made = legal.file(self.filing("insult"), lambda host: False)[0].case_id
        db.commit()
        if hidden:
            self.made("quill", deciding.hide_meanwhile, made)
        if decision:
            self.made("quill", deciding.decide, made, decision, "So it is.")
        return int(made)

    def decided_moment(self) -> datetime:
        """Let a notice be decided; return a moment long after that."""
        self.law(decision="keep")
        return now() + timedelta(days=4000)

    def _any(self, model: Any, made: int) -> int:
        others = db.session.scalars(select(model.id).where(model.id != made).order_by(model.id))
        return self.choose([made, *others])
