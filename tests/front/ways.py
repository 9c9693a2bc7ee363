"""One way or several to do each action; a new action without a way fails `test_caches_equal_fresh.py`.

A way makes what has to be there first, and returns the act itself, to be done when everybody has seen the pages.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sqlalchemy import update

from forum import db
from forum.articles.actions import check_words
from forum.articles.models import Article
from forum.clock import now
from forum.comments.ending.automatic import announce_some
from forum.comments.ending.request import Ending
from forum.comments.models import Comment
from forum.comments.queries import source
from forum.mail.letters import Letter
from forum.people import actions as people
from forum.people import letters
from forum.people.actions import FirstSettings
from forum.pictures.models import Picture
from forum.sanctions.actions import Wanted
from forum.site.models import Site
from forum.site.queries import site as settings
from forum.transfer.wanted import Wanted as Export
from tests.front.acts import Do, Scene
from tests.people.members import PHRASE
from tests.pictures.drawn import made

Way = Callable[[Scene, Callable[..., Any]], Do]
NEW = "seven herons in the reeds"
TOMORROW = timedelta(days=1)


def imports(s: Scene, act: Callable[..., Any]) -> Do:
    """Import the archive of another site, and later one with one comment more."""
    first, later = s.archives()
    s.made("ada", act, "jsonl", io.BytesIO(first), s.folder)
    return s.by("ada", lambda who: act(who, "jsonl", io.BytesIO(later), s.folder))


def makes_file(s: Scene, act: Callable[..., Any]) -> Do:
    """Let a worker make the file of a large export."""
    taken = s.taken_file()
    return lambda: act(taken)


def to_the_end(act: Callable[..., Any], subject: Any) -> Do:
    """Do an act about several cases, part by part."""

    def do() -> None:
        while act(subject):
            db.commit()

    return do


def purges_pictures(s: Scene, act: Callable[..., Any]) -> Do:
    """Delete a picture that no article has shown for a week."""
    s.picture()
    s.by_hand(update(Picture), unused_since=now() - timedelta(days=8))
    return lambda: act(now())


def signs_up(s: Scene, act: Callable[..., Any]) -> Do:
    """Let somebody sign up who was invited."""
    token, _ = s.invitation()
    return lambda: act(s.name(), "", PHRASE, invitation=token)


def resets(s: Scene, act: Callable[..., Any]) -> Do:
    """Let Rosa set a new password through a link."""
    token = s.made("ada", people.make_reset_link, s.ids["rosa"]).rsplit("/", 1)[1]
    return lambda: act(token, NEW)


def sets_up(s: Scene, act: Callable[..., Any]) -> Do:
    """Set the site up."""
    s.not_set_up()
    return lambda: act(FirstSettings("Another Room", "", s.name(), PHRASE))


def changes_password(s: Scene, act: Callable[..., Any]) -> Do:
    """Let Rosa change her password."""
    s.password("rosa")
    return s.by("rosa", act, PHRASE, NEW)


def signs_in(s: Scene, act: Callable[..., Any]) -> Do:
    """Let Rosa give her name and password."""
    s.password("rosa")
    return lambda: act("rosa", PHRASE)


def links_set_up(s: Scene, act: Callable[..., Any]) -> Do:
    """Make the link that sets a new site up."""
    s.not_set_up()
    return act


def later(s: Scene, act: Callable[..., Any]) -> Do:
    """Let a worker do something when its time has come."""
    return lambda: act(now())


def to_a_job(s: Scene, act: Callable[..., Any]) -> Do:
    """Let an admin decide about a job that failed."""
    return s.by("ada", act, s.failed_job())


def fails(s: Scene, act: Callable[..., Any]) -> Do:
    """Let an attempt at a job fail."""
    return lambda: act(s.taken_job(), "The mail server was away.")


def forgets_words(s: Scene, act: Callable[..., Any]) -> Do:
    """Let the words of an article's erased version be out of what is searched."""
    return lambda: act(s.taken_job("search.forget", article=s.article_id))


def lapses(s: Scene, act: Callable[..., Any]) -> Do:
    """Let a closure's end come."""
    s.closure(until=now() + timedelta(hours=1))  # the page is compared before the clock changes it
    return lambda: act(now() + timedelta(hours=2))


def is_due(s: Scene, act: Callable[..., Any]) -> Do:
    """Let an article's discussion be due to close by itself."""
    s.by_hand(update(Article).where(Article.id == s.article_id), auto_close_days=1, published_at=now() - 2 * TOMORROW)
    return lambda: act(now())


def closes(s: Scene, act: Callable[..., Any]) -> Do:
    """Let the announced moment of that come."""
    is_due(s, announce_some)()
    db.commit()
    return lambda: act(now() + timedelta(hours=2))


def forgets_withdrawn(s: Scene, act: Callable[..., Any]) -> Do:
    """Let the time come to which a comment deleted by its writer is kept."""
    s.withdrawn()
    return lambda: act(now() + timedelta(days=40))


def asks_for_link(s: Scene, act: Callable[..., Any]) -> Do:
    """Let Rosa have the link sent that confirms her address."""
    s.mailed_id("rosa")
    return s.by("rosa", act)


def verifies(s: Scene, act: Callable[..., Any]) -> Do:
    """Let Rosa confirm her address through the link that was sent."""
    letter = letters.verification(s.job({"person": s.mailed_id("rosa")}))
    db.commit()
    assert letter
    return lambda: act(letter.values["path"].rsplit("/", 1)[1])


def to_a_person(s: Scene, act: Callable[..., Any]) -> Do:
    """Let a letter to Rosa be composed, which makes a link."""
    return lambda: act(s.job({"person": s.mailed_id("rosa", verified=act is letters.reset)}))


def is_checked(s: Scene, act: Callable[..., Any]) -> Do:
    """Let a program elsewhere say that a comment, which waits for its word, is published."""
    made = s.held()
    s.by_hand(update(Comment).where(Comment.id == made), held_reason="checking")
    return lambda: act(made, "publish", source(made)[0], edited=False)


def is_stopped(s: Scene, act: Callable[..., Any]) -> Do:
    """Let it say that an edited comment has to wait."""
    made = s.any_comment()
    return lambda: act(made, "hold", source(made)[0], edited=True)


def goes_in_circles(s: Scene, act: Callable[..., Any]) -> Do:
    """Let a worker notice that two people go in circles."""
    s.talk_in_circles()
    return lambda: act(now())


def learns(s: Scene, act: Callable[..., Any]) -> Do:
    """Let the site learn about spam for the first time."""
    s.by_hand(update(Site), hold_spam=True)
    return lambda: act(now())


WAYS: dict[str, tuple[Way, ...]] = {
    "articles.create": (lambda s, act: s.by("ida", act, check_words("New", "Words.")),),
    "articles.create_once": (lambda s, act: s.by("ida", act, check_words("New", "Words.")),),
    "articles.edit": (
        lambda s, act: s.by("ida", act, s.article_id, check_words("Other", "Other words.", ["Ferries"])),
        lambda s, act: s.by("ida", act, s.scheduled(), check_words("Another", "Other words.", ["Boats"])),
    ),
    "articles.keep_changes": (lambda s, act: s.by("ida", act, s.article_id, {"body": "Not saved yet."}),),
    "articles.drop_changes": (lambda s, act: s.by("ida", act, s.article_id),),
    "articles.restore": (lambda s, act: s.by("ida", act, s.article_id, s.article_version()),),
    "articles.erase_article_version": (lambda s, act: s.by("ada", act, s.article_version()),),
    "articles.set_auto_close": (lambda s, act: s.by("ida", act, s.article_id, 30, None),),
    "articles.set_lead": (lambda s, act: s.by("ida", act, s.article_id, s.picture()),),
    "pictures.add": (lambda s, act: s.by("ida", act, settings(), made("#123456", (30, 20)), "Herons"),),
    "pictures.purge_unused": (purges_pictures,),
    "articles.publish": (
        lambda s, act: s.by("ida", act, s.draft()),
        lambda s, act: s.by("ida", act, s.scheduled()),
    ),
    "articles.schedule": (lambda s, act: s.by("ida", act, s.draft(), now() + TOMORROW),),
    "articles.unpublish": (
        lambda s, act: s.by("ida", act, s.article_id),
        lambda s, act: s.by("ida", act, s.scheduled()),
    ),
    "articles.delete": (lambda s, act: s.by("ida", act, s.draft()),),
    "comments.post": (
        lambda s, act: s.by("tom", act, s.article_id, "One more."),
        lambda s, act: s.by("rosa", act, s.article_id, "A reply.", parent_id=s.any_comment()),
        lambda s, act: s.by("guest", act, s.article_id, "A guest.", guest_name="Passer-by"),
        lambda s, act: s.by("guest", act, s.article_id, "A guest.", guest_name="Passer-by", parent_id=s.any_comment()),
        lambda s, act: s.by("tom", act, s.article_id, "To a guest.", parent_id=s.approved_guest()),
    ),
    "comments.edit": (lambda s, act: s.by("tom", act, s.any_comment(), "Other words."),),
    "comments.withdraw": (
        lambda s, act: s.by("tom", act, s.any_comment()),
        lambda s, act: s.by("tom", act, s.branch()),
    ),
    "comments.undo_withdraw": (lambda s, act: s.by("tom", act, s.withdrawn()),),
    "comments.close_article": (
        lambda s, act: s.by("quill", act, s.article_id, Ending(words="Enough for all.")),
        lambda s, act: s.by("ida", act, s.article_id, Ending(words="Until later.", until=now() + TOMORROW)),
        lambda s, act: s.by("ida", act, s.article_id, Ending(words="Tomorrow.", begins=now() + TOMORROW)),
        lambda s, act: s.by("ida", act, s.article_id, Ending(words="Not you.", people="one", person="tom")),
    ),
    "comments.close_branch": (
        lambda s, act: s.by("quill", act, s.branch(), Ending(reply="The last word.", words="Enough.")),
        lambda s, act: s.by("ida", act, s.branch(), Ending(words="Enough here.")),
        lambda s, act: s.by("ida", act, s.comment("rosa", parent=s.any_comment()), Ending(words="Two.", people="two")),
        lambda s, act: s.by("ida", act, s.branch(), Ending(words="Till then.", until=now() + TOMORROW)),
        lambda s, act: s.by("ida", act, s.branch(), Ending(words="From then.", begins=now() + TOMORROW)),
        lambda s, act: s.by("quill", act, s.comment("tom"), Ending(words="Not you.", people="one")),
    ),
    "comments.close_many": (
        lambda s, act: s.by("ada", act, None, Ending(words="Repairs until tomorrow.", until=now() + TOMORROW)),
        lambda s, act: s.by("ada", act, None, Ending(words="Repairs from tomorrow.", begins=now() + TOMORROW)),
        lambda s, act: s.by("quill", act, s.tag_id(), Ending(words="Enough of it.", staff_may=True)),
        lambda s, act: s.by("ada", act, None, Ending(words="Not you.", people="one", person="tom")),
        lambda s, act: s.by("quill", act, s.tag_id(), Ending(words="Not you.", people="one", person="tom")),
    ),
    "comments.move": (
        lambda s, act: s.by("quill", act, s.branch(), s.other_article(), None, "It is about ferries."),
        lambda s, act: s.by("ida", act, s.branch(), s.article_id, s.any_comment("rosa")),
    ),
    "comments.split": (lambda s, act: s.by("quill", act, s.branch(), "A new beginning", "It is about ferries."),),
    "comments.merge": (lambda s, act: s.by("ida", act, s.article_id, s.other_article()),),
    "comments.undo_merge": (lambda s, act: s.by("ida", act, s.merged()),),
    "comments.undo_move": (lambda s, act: s.by("quill", act, s.move()),),
    "comments.reopen": (
        lambda s, act: s.by("ada", act, s.closure(many=True), "Repaired."),
        lambda s, act: s.by("quill", act, s.closure(), "Calmer now."),
        lambda s, act: s.by("quill", act, s.closure(whole=True), "Calmer now."),
    ),
    "comments.undo": (
        lambda s, act: s.by("ada", act, s.closure(many=True)),
        lambda s, act: s.by("quill", act, s.closure()),
        lambda s, act: s.by("quill", act, s.closure(whole=True)),
    ),
    "moderation.flag": (
        lambda s, act: s.by("rosa", act, s.any_comment(), "abuse", "Look."),
        lambda s, act: s.by("rosa", act, s.nearly_hidden(), "abuse"),
    ),
    "moderation.decide": (
        lambda s, act: s.by("quill", act, s.held(), "keep"),
        lambda s, act: s.by("quill", act, s.held(), "spam"),
        lambda s, act: s.by("ida", act, s.branch(), "hide", "1"),
        lambda s, act: s.by("quill", act, s.any_comment(), "hide", "1"),
        lambda s, act: s.by("quill", act, s.any_comment(parent=s.comment("rosa")), "hide", "1"),
        lambda s, act: s.by("quill", act, s.branch(), "hide-replies", "1"),
        lambda s, act: s.by("quill", act, s.branch(), "spam"),
    ),
    "moderation.decide_many": (
        lambda s, act: s.by("quill", act, s.article_id, {s.any_comment(): None, s.held(): None}, "spam"),
    ),
    "moderation.begin": (lambda s, act: s.by("quill", act, [s.case()], now(), "spam", "", ""),),
    "moderation.take_back": (lambda s, act: s.by("quill", act, s.bulk()),),
    "moderation.step": (
        lambda s, act: to_the_end(act, s.bulk(done=False)),
        lambda s, act: to_the_end(act, s.taken_back()),
        lambda s, act: to_the_end(act, s.removal()),
    ),
    "moderation.go_on": (lambda s, act: to_the_end(act, s.job({"bulk": s.bulk(done=False)})),),
    "moderation.begin_removal": (
        lambda s, act: s.by("quill", act, s.ids["tom"], [s.any_comment()], now(), "spam", "", ""),
    ),
    "moderation.take_back_followers": (lambda s, act: s.by("quill", act, s.decision("spam")),),
    "moderation.purge_bulks": (lambda s, act: lambda: act(s.bulk() and now() + timedelta(days=30)),),
    "moderation.choose_tags": (
        lambda s, act: s.by("ada", act, s.ids["rosa"], [s.tag()]),
        lambda s, act: s.by("ada", act, s.tag_moderator(), []),
    ),
    "moderation.tell_of_late": (later,),
    "moderation.watch": (goes_in_circles,),
    "moderation.settle": (
        lambda s, act: s.by("quill", act, s.exchange(), "word", "Please rest."),
        lambda s, act: s.by("quill", act, s.exchange(), "slow", "Please rest."),
    ),
    "moderation.claim": (lambda s, act: s.by("quill", act, s.case()),),
    "moderation.release": (lambda s, act: s.by("quill", act, s.case()),),
    "comments.lapse_some": (lapses,),
    "comments.announce_some": (is_due,),
    "comments.close_some": (closes,),
    "jobs.take": (later,),
    "jobs.fail": (fails,),
    "jobs.postpone": (lambda s, act: lambda: act(s.taken_job(), now() + TOMORROW),),
    "jobs.retry": (to_a_job,),
    "jobs.drop": (to_a_job,),
    "jobs.set_right": (later,),
    "jobs.seen": (lambda s, act: lambda: act("one", now()),),
    "jobs.purge_files": (later,),
    "jobs.gone": (lambda s, act: lambda: act("one"),),
    "ledger.seal": (lambda s, act: act,),
    "search.index_some": (later,),
    "search.forget": (forgets_words,),
    "search.note_everything": (lambda s, act: act,),
    "moderation.learn": (learns,),
    "moderation.answer": (is_checked, is_stopped),
    "moderation.erase_withdrawn": (forgets_withdrawn,),
    "people.remember_network": (lambda s, act: lambda: act(s.ids["rosa"], "1.2.3.4", "secret"),),
    "people.forget_networks": (lambda s, act: lambda: act(s.network_moment()),),
    "comments.note": (lambda s, act: lambda: act(s.ids["rosa"], s.article_id, None, now(), now()),),
    "comments.purge_visits": (lambda s, act: lambda: act(s.visit_moment()),),
    "people.purge": (lambda s, act: lambda: act(now() + timedelta(days=40)),),
    "moderation.undo": (
        lambda s, act: s.by("quill", act, s.decision("hide")),
        lambda s, act: s.by("quill", act, s.decision("hide-replies")),
        lambda s, act: s.by("quill", act, s.decision("spam")),
        lambda s, act: s.by("quill", act, s.decision("keep", "guest")),
        lambda s, act: s.by("quill", act, s.decision("spam", "guest")),
    ),
    "moderation.erase_comment": (
        lambda s, act: s.by("ada", act, s.branch()),
        lambda s, act: s.by("ada", act, s.held()),
    ),
    "moderation.erase_revision": (lambda s, act: s.by("ada", act, s.revision()),),
    "notifications.mark_read": (lambda s, act: s.by("tom", act, 10**6),),
    "notifications.mark_shown": (lambda s, act: lambda: act({s.notice()}),),
    "notifications.follow": (lambda s, act: s.by("tom", act, "article", s.article_id),),
    "notifications.stop": (lambda s, act: s.by("tom", act, "article", s.article_id),),
    "notifications.remember": (lambda s, act: s.by("tom", act, answers=False, articles=False),),
    "notifications.pause": (lambda s, act: s.by("tom", act, [s.subscription()]),),
    "notifications.resume": (lambda s, act: s.by("tom", act, [s.subscription()]),),
    "notifications.end": (lambda s, act: s.by("tom", act, [s.subscription()]),),
    "notifications.ask_address": (lambda s, act: lambda: act(s.wish()),),
    "notifications.confirm_address": (lambda s, act: lambda: act(s.wish()),),
    "notifications.stop_address": (lambda s, act: lambda: act(*s.address()),),
    "notifications.leave_address": (lambda s, act: lambda: act(s.address()[0], "comment"),),
    "notifications.choose_for_address": (lambda s, act: lambda: act(s.address()[0], {"comment": "now"}),),
    "notifications.forget_address": (lambda s, act: lambda: act(s.address()[0]),),
    "notifications.look_at_addresses": (lambda s, act: s.by("ada", act),),
    "notifications.remove_address": (lambda s, act: s.by("ada", act, s.wish(confirmed=True).email),),
    "notifications.settle_addresses": (lambda s, act: lambda: act(s.member_moment()),),
    "notifications.purge_notices": (lambda s, act: lambda: act(s.read_moment()),),
    "jobs.forget_failed": (lambda s, act: lambda: act("tests.nothing", s.failed_moment()),),
    "following.tell_of_comments": (lambda s, act: lambda: act([s.job({"comments": [s.comment()]})]),),
    "following.tell_of_article": (lambda s, act: lambda: act(s.job({"article": s.article_id})),),
    "legal.file": (
        lambda s, act: lambda: act(s.filing("insult"), lambda host: False),
        lambda s, act: lambda: act(s.filing("child"), lambda host: False),
    ),
    "legal.hide_meanwhile": (lambda s, act: s.by("quill", act, s.law()),),
    "legal.show_again": (lambda s, act: s.by("quill", act, s.law(hidden=True)),),
    "legal.pass_on": (lambda s, act: s.by("quill", act, s.law(), "Somebody says this."),),
    "legal.decide": (
        lambda s, act: s.by("quill", act, s.law(), "hide", "It is."),
        lambda s, act: s.by("quill", act, s.law(hidden=True), "keep", "It is not."),
    ),
    "legal.undo_notice": (
        lambda s, act: s.by("quill", act, s.law(decision="hide")),
        lambda s, act: s.by("quill", act, s.law(hidden=True, decision="keep")),
    ),
    "legal.give_back": (lambda s, act: s.by("ada", act, s.law(decision="hide"), s.ids["tom"]),),
    "legal.look": (lambda s, act: s.by("quill", act, s.law()),),
    "legal.erase_complainants": (lambda s, act: lambda: act(s.decided_moment()),),
    "saved_replies.save_reply": (lambda s, act: s.by("ada", act, "Thanks", NEW, shared=True),),
    "saved_replies.change_reply": (lambda s, act: s.by("quill", act, s.saved_reply(), "Thanks", NEW),),
    "saved_replies.delete_reply": (lambda s, act: s.by("quill", act, s.saved_reply()),),
    "people.add_person": (lambda s, act: s.by("ada", act, s.name()),),
    "people.approve": (lambda s, act: s.by("ada", act, s.ids["nele"]),),
    "people.set_role": (
        lambda s, act: s.by("ada", act, s.ids["tom"], "moderator"),
        lambda s, act: s.by("ada", act, s.ids["rosa"], "author"),
        lambda s, act: s.by("ada", act, s.ids["quill"], "reader"),
    ),
    "objections.object_to": (lambda s, act: s.by("tom", act, s.told_notice(), "It was not rude."),),
    "objections.decide": (lambda s, act: s.by("ada", act, s.objection(), "refused", "It was."),),
    "sanctions.sanction": (
        lambda s, act: s.by("quill", act, s.ids["tom"], Wanted("suspension", words="Rest.", days=1)),
    ),
    "sanctions.undo": (lambda s, act: s.by("quill", act, s.slowed("quill", "tom")),),
    "sanctions.lift": (lambda s, act: s.by("quill", act, s.slowed("quill", "tom"), "They said sorry."),),
    "people.deactivate": (
        lambda s, act: s.by("ada", act, s.ids["tom"]),
        lambda s, act: s.by("ada", act, s.ids["ida"]),
    ),
    "people.reactivate": (lambda s, act: s.by("ada", act, s.ids["dora"]),),
    "people.make_reset_link": (lambda s, act: s.by("ada", act, s.ids["tom"]),),
    "people.use_reset_link": (resets,),
    "people.make_invitation": (lambda s, act: s.by("ada", act, "for a friend"),),
    "people.cancel_invitation": (lambda s, act: s.by("ada", act, s.invitation()[1]),),
    "people.ask_for_link": (asks_for_link,),
    "people.ask_for_reset": (lambda s, act: lambda: act("rosa"),),
    "people.tell_of_new_browser": (lambda s, act: lambda: act(s.mailed_id("rosa", verified=True)),),
    "people.verify_address": (verifies,),
    "people.resume_mail": (lambda s, act: s.by("rosa", act),),
    "people.pause_mail": (lambda s, act: lambda: act(s.mailed_id("rosa"), "rosa@post.example", "550 no"),),
    "people.invite_by_mail": (lambda s, act: s.by("ada", act, "nora@post.example"),),
    "notifications.choose": (lambda s, act: s.by("rosa", act, {"answer": "never"}),),
    "notifications.leave": (lambda s, act: lambda: act(s.ids["rosa"], "answer"),),
    "notifications.come_back": (lambda s, act: lambda: act(s.ids["rosa"], {"answer": "daily"}),),
    "following.sent": (lambda s, act: lambda: act(s.job({}), Letter("", "", "", "", "", covers=(1,))),),
    "people.verification": (to_a_person,),
    "people.reset": (to_a_person,),
    "people.invitation": (lambda s, act: lambda: act(s.job({"to": "nora@post.example", "by": None, "note": ""})),),
    "people.sign_up": (signs_up,),
    "people.authenticate": (signs_in,),
    "people.change_password": (changes_password,),
    "people.rename": (
        lambda s, act: s.by("ada", act, s.ids["tom"], s.name()),
        lambda s, act: s.by("ida", act, s.ids["ida"], s.name()),
    ),
    "people.use_keys": (lambda s, act: s.by("quill", act, True),),
    "people.edit_profile": (lambda s, act: s.by("tom", act, "About me.", "", True),),
    "people.set_up": (sets_up,),
    "people.make_setup_link": (links_set_up,),
    "people.begin": (lambda s, act: lambda: act(s.name(), {}, s.ids["rosa"], now()),),
    "people.save": (lambda s, act: lambda: act(s.session_id(), {}, now()),),
    "people.touch": (lambda s, act: lambda: act(s.session_id(), now()),),
    "people.end": (lambda s, act: lambda: act(s.session_id()),),
    "site.change_settings": (
        lambda s, act: s.by("ada", act, {"name": f"The {s.name()} Room", "accent": "#224466"}),
        lambda s, act: s.by("ada", act, {"who_may_comment": "nobody"}),
        lambda s, act: s.by("ada", act, {"timezone": "Asia/Tokyo", "public_history": False}),
    ),
    "site.undo_change": (lambda s, act: s.by("ada", act, s.change()),),
    "site.save_document": (lambda s, act: s.by("ada", act, "rules", "1. Be kind."),),
    "transfer.import_archive": (imports,),
    "transfer.ask_for_file": (lambda s, act: s.by("ada", act, "csv", Export(), 0),),
    "worker.make_file": (makes_file,),
    "transfer.delete_file": (lambda s, act: s.by("ada", act, s.file()),),
}
