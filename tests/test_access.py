"""Every endpoint x every role: `access_table.py` says what each gets. A new endpoint without a row fails."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import delete, select
from wtforms import StringField, TextAreaField

from forum import config, create_app, db
from forum.articles import actions as articles
from forum.articles.models import ArticleRevision, article_tags
from forum.cases import actions as cases
from forum.cases.models import Case
from forum.clock import now
from forum.comments.ending import actions as closing
from forum.comments.ending.request import Ending
from forum.comments.models import Revision
from forum.comments.moving import actions as moving
from forum.comments.writing import actions
from forum.jobs import actions as jobs
from forum.jobs import made
from forum.legal import actions as legal
from forum.legal import deciding, tokens
from forum.legal.actions import Filing
from forum.moderation import actions as moderation
from forum.moderation.models import Exchange
from forum.notifications import address_links, followers, leaving
from forum.notifications.address_links import Wish
from forum.notifications.mailing import Follower
from forum.notifications.models import Notice, Subscription
from forum.objections import actions as objections
from forum.people import onetime, queries
from forum.people.models import Person
from forum.people.tokens import token_hash
from forum.pictures import actions as pictures
from forum.policy import Nobody, Role
from forum.sanctions import actions as sanctions
from forum.sanctions.actions import Wanted
from forum.saved_replies import actions as saved_replies
from forum.site.forms import Form
from forum.site.models import Site, SiteChange
from forum.site.queries import site as settings
from forum.transfer import asking
from forum.transfer.wanted import Wanted as Export
from tests import factories
from tests.access_table import ROLES, SANCTIONED, TABLE, TAGGED
from tests.cast import Browser, Cast
from tests.pictures import drawn
from tests.web.test_held import every_form


@pytest.fixture(scope="module")
def stage(
    sqlite_template: Path, settings: config.Settings, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stage]:
    """Yield a site with one of everything, whose database is put back before every request."""
    folder = tmp_path_factory.mktemp("access")
    path = folder / "forum.sqlite3"
    path.write_bytes(sqlite_template.read_bytes())
    site = replace(settings, instance=folder, database_url=f"sqlite:///{path}", smtp_url="smtp://127.0.0.1:9")
    app = create_app(site)
    with app.app_context():
        made = Stage(app, path)
        yield made
        db.session.remove()
        db.engine().dispose()


class Stage:
    """The cast, the ids that addresses need, and the bytes of the database as it was."""

    def __init__(self, app: Flask, path: Path) -> None:
        self.app, self.path, self.cast = app, path, Cast(app)
        zora, wim = factories.person("Zora"), factories.person("Wim")
        vars(self.cast).update(zora=zora, wim=wim)
        factories.moderates(zora, factories.tag("boats", self.cast.article))
        factories.moderates(wim, factories.tag("books"))
        self.cast_ids = self.cast.ids()
        self.ids = self._furnish()
        people: dict[str, object] = dict.fromkeys(ROLES)
        members = (*ROLES[1:], *SANCTIONED, *TAGGED)
        people |= {role: getattr(self.cast, role.split()[0]) for role in members}
        self.browsers = {role: Browser(app, person) for role, person in people.items()}  # type: ignore[arg-type]
        db.session.remove()
        db.engine().dispose()
        self.before = path.read_bytes()

    def restore(self) -> None:
        """Put the database back."""
        db.session.remove()
        db.engine().dispose()
        for ending in ("-wal", "-shm"):
            self.path.with_name(self.path.name + ending).unlink(missing_ok=True)
        self.path.write_bytes(self.before)

    def sanction(self, role: str) -> None:
        """Suspend or demote the person of a column named after it, or take the tags from all articles."""
        name, _, what = role.partition(" ")
        if not what:
            return
        db.lock()
        person = db.session.get_one(Person, self.cast_ids[name])
        if what == "suspended":
            person.suspended_until = now() + timedelta(days=3)
        elif what == "untagged":
            db.session.execute(delete(article_tags))
        else:
            person.role = Role.READER
        db.commit()

    def _furnish(self) -> dict[str, object]:
        cast = self.cast
        tom, quill, rosa = (queries.viewer_of(person.id) for person in (cast.tom, cast.quill, cast.rosa))
        assert tom and quill and rosa
        article = cast.article.id
        comment = actions.post(tom, article, "The council refused them last year.").id
        actions.edit(tom, comment, "The council refused them a licence last year.")
        other = actions.post(tom, article, "Something rude.").id
        gone = actions.post(tom, article, "Something Tom takes back.").id
        answer = actions.post(tom, article, "Which licence?", parent_id=comment).id
        move = moving.move(quill, answer, article).id
        db.commit()
        actions.withdraw(tom, gone)
        held = actions.post(Nobody(), self._guests(article), "A guest's word.", guest_name="Wanda").id
        moderation.flag(rosa, other, "abuse")
        db.commit()
        sanction = sanctions.sanction(quill, cast.rosa.id, Wanted("hold", words="A few days.")).id
        told = db.session.query(Notice.id).filter_by(person_id=cast.rosa.id, kind="sanction").scalar()
        sanctions.sanction(quill, cast.tom.id, Wanted("warning", words="Enough."))
        of_it = db.session.query(Notice.id).filter_by(person_id=cast.tom.id, kind="sanction").scalar()
        assert of_it
        objection = objections.object_to(tom, of_it, "I disagree.").id
        decision = moderation.decide(quill, other, "hide", "1").id
        closure = closing.close_branch(quill, comment, Ending(words="Enough.", staff_may=True)).id
        exchange = self._exchange(comment)
        db.commit()
        draft = factories.article(cast.ida, "A draft of Ida's", status="draft", published_at=None)
        return {
            "slug": cast.article.slug,
            "draft": draft.slug,
            "picture": self._picture(),
            "comment": comment,
            "other": other,
            "gone": gone,
            "held": held,
            "decision": decision,
            "sanction": sanction,
            "told": told,
            "objection": objection,
            "exchange": exchange,
            **self._saved_replies(),
            "case": db.session.query(Case.id).filter_by(kind="account").scalar(),
            "closure": closure,
            "move": move,
            "version": self._article_version(),
            "revision": db.session.query(Revision.id).scalar(),
            "person": cast.rosa.id,
            "year": now().year,
            "month": now().month,
            "job": self._failed_job(),
            "file": self._file(),
            "subscription": db.session.query(Subscription.id).filter_by(person_id=cast.tom.id).limit(1).scalar(),
            **self._notices(comment),
            **self._links(),
        }

    def _article_version(self) -> int:
        """Let Ida's article have an earlier version."""
        db.lock(self.cast.article.id)
        made = ArticleRevision(article_id=self.cast.article.id, title="Before", source="Other words.", was_public=True)
        db.session.add(made)
        db.commit()
        return made.id

    def _exchange(self, comment: int) -> int:
        """Let an exchange of Tom and Rosa go in circles."""
        case_id = cases.open_exchange(now())
        numbers = {"rounds": 6, "minutes": 90, "pace": 50, "growth": 200, "reports": 2}
        two = {"person_a_id": self.cast.tom.id, "person_b_id": self.cast.rosa.id}
        db.session.add(Exchange(case_id=case_id, first_id=comment, last_id=comment, **two, **numbers))
        db.session.flush()
        return case_id

    def _picture(self) -> str:
        """Let Ida show a picture in a draft, and return its hash."""
        ida, picture = queries.viewer_of(self.cast.ida.id), drawn.made(size=(40, 30))
        assert ida
        pictures.add(ida, settings(), picture, "A heron")
        articles.create(ida, articles.check_words("Herons", picture.picture.markdown("A heron")))
        db.commit()
        return picture.picture.hash

    def _saved_replies(self) -> dict[str, object]:
        """Keep a reply for everybody who moderates, and one of Quill's own."""
        ada, quill = (queries.viewer_of(person.id) for person in (self.cast.ada, self.cast.quill))
        assert ada and quill
        made = {
            "saved": saved_replies.save_reply(ada, "Warning", "Please be kind.", shared=True).id,
            "quills": saved_replies.save_reply(quill, "Thanks", "Thank you.").id,
        }
        db.commit()
        return made

    def _notices(self, comment: int) -> dict[str, object]:
        """Send a notice of law about a comment, and one about a child."""
        about = f"/comments/{comment}"
        notice, child = (
            legal.file(Filing(about, kind, "It is.", "Nora", "nora@post.example"), lambda host: False)[0]
            for kind in ("insult", "child")
        )
        ada = queries.viewer_of(self.cast.ada.id)
        assert ada
        deciding.show_again(ada, child.case_id)
        db.commit()
        status = tokens.token(notice.reference, self.app.extensions["forum"].secret_key)
        return {"notice": notice.case_id, "child": child.case_id, "status": status}

    def _file(self) -> int:
        """Let a large export be ready."""
        ada = queries.viewer_of(self.cast.ada.id)
        assert ada
        file_id = asking.ask_for_file(ada, "csv", Export(), 0)
        mark = made.begin(file_id)
        assert mark
        made.add(file_id, mark, 0, b"id", 0)
        made.finish(file_id, mark, 0)
        db.commit()
        return file_id

    def _failed_job(self) -> int:
        db.lock()
        jobs.put("tests.nothing", now(), {})
        db.commit()
        (taken,) = jobs.take(now())
        jobs.fail(taken, "It cannot be done.", for_good=True)
        db.commit()
        return taken.id

    def _guests(self, article: int) -> int:
        db.lock()
        db.session.get_one(Site, 1).who_may_comment = "guests"
        db.commit()
        return article

    def _address(self) -> dict[str, object]:
        """Let an address follow the discussion, on a site that allows it."""
        db.session.get_one(Site, 1).guests_follow = True
        wish = Wish("sam@post.example", "article", self.cast.article.id)
        id = followers.confirm_address(wish)
        stop = db.session.query(Subscription.id).filter_by(address_id=id).scalar()
        links = {"confirm": address_links.confirming(wish), "own": address_links.own(id)}
        return {**links, "stop": stop, "article": self.cast.article.id}

    def _links(self) -> dict[str, object]:
        db.lock()
        db.session.get_one(Site, 1).who_may_comment = "members"
        change = SiteChange(person_id=self.cast.ada.id, before={"tagline": ""}, after={"tagline": "New"})
        db.session.add(change)
        db.session.flush()
        reset = onetime.make_link("reset", now(), person_id=self.cast.tom.id)
        invite = onetime.make_link("invite", now())
        rosa = db.session.get_one(Person, self.cast.rosa.id)
        rosa.email = "rosa@post.example"
        verify = onetime.make_link("verify", now(), person_id=rosa.id, note=token_hash(rosa.email))
        ids = {
            "change": change.id,
            "reset": reset,
            "invite": invite,
            "verify": verify,
            **self._address(),
            "leave": leaving.token(Follower(rosa.id), "answer"),
        }
        db.commit()
        return ids


def test_every_endpoint_has_a_row(stage: Stage) -> None:
    """8.2.1: nothing is reachable that nobody decided about."""
    expected = {
        f"{method} {rule.endpoint}"
        for rule in stage.app.url_map.iter_rules()
        for method in (rule.methods or set()) & {"GET", "POST"}
        if rule.endpoint != "static"
    }
    assert expected == {f"{row.method} {row.endpoint}" for row in TABLE}


@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"{row.method}-{row.endpoint}-{row.note}")
def test_access(stage: Stage, row) -> None:
    """Bar 20 and 21: each role gets what the table says, and a 404 carries no word of the text."""
    address = row.url.format(**stage.ids)
    answers = {}
    for role, browser in stage.browsers.items():
        stage.restore()
        stage.sanction(role)
        browser.client.set_cookie("session", browser.cookie)  # an answer before may have taken it away
        fields = {name: str(value).format(**stage.ids) for name, value in row.fields.items()}
        answer = browser.get(address) if row.method == "GET" else browser.post(address, **fields)
        answers[role] = said(answer)
        if answer.status_code == 404:
            assert "Something rude" not in answer.text
    assert answers == row.by_role


# Fields that hold something typed but must be of a form: they keep what the row says.
FORMED = {
    "accent",
    "address",
    "addresses",
    "article",
    "contact",
    "decision",
    "footer_links",
    "outcome",
    "person",
    "reach",
    "reason",
}
TIMES = ("created_at", "approved_at", "seen_at", "edited_at", "decided_at")
FORMED |= {"slug", "source_name", "source_url", "url"}


FORMS = [row for row in TABLE if row.method == "POST" and row.sender]


@pytest.mark.parametrize("row", FORMS, ids=lambda row: row.endpoint + row.note)
def test_what_turns_a_line_around_is_stored_nowhere(stage: Stage, row) -> None:
    """Whatever form somebody types it into, so that a new one cannot be forgotten."""
    stage.restore()
    stage.sanction(row.sender)
    with stage.app.test_request_context():
        typed = texts_of_forms()
    fields = {name: str(value).format(**stage.ids) for name, value in row.fields.items()}
    turned = {name: fields.get(name, "Words") + "\u202e\u061ce" + "\u0301" * 20 for name in typed - FORMED}
    if row.endpoint.startswith("comments."):
        turned["reason"] = "Words\u202e"
    if row.endpoint.startswith("articles."):
        turned |= {"source_name": "Words\u202e", "source_url": "https://paper.example/"}
    if row.endpoint == "site.settings":
        turned["footer_links"] = "Wo\u202erds https://paper.example/"
    browser = stage.browsers[row.sender]
    browser.client.set_cookie("session", browser.cookie)
    answer = browser.post(row.url.format(**stage.ids), **{**fields, **turned})
    assert answer.status_code < 400 or row.endpoint in ("moderation.tags", "people.sign_in", "people.sign_up")
    # What an author typed and did not save stands as it was typed, in their own form only.
    assert set(found_in_the_database("\u202e", "\u061c", "\u0301" * 6)) <= {"article_changes.fields"}


@pytest.mark.parametrize("row", FORMS, ids=lambda row: row.endpoint + row.note)
def test_nothing_is_set_that_no_form_asks_for(stage: Stage, row) -> None:
    """Bar 22: each form is sent with a field for every column of every table that is no field of a form."""
    stage.restore()
    stage.sanction(row.sender)
    columns = {column.name for table in Person.metadata.sorted_tables for column in table.columns}
    with stage.app.test_request_context():
        asked = {field.name for form in every_form(Form) for field in form()}
    fields = {name: str(value).format(**stage.ids) for name, value in row.fields.items()}
    stuffed = dict.fromkeys(columns - asked | {"role", "status"}, "Stuffed") | dict.fromkeys(TIMES, "2001-02-03")
    browser = stage.browsers[row.sender]
    browser.client.set_cookie("session", browser.cookie)
    answer = browser.post(row.url.format(**stage.ids), **{**stuffed, **fields})
    assert said(answer) == row.by_role[row.sender]
    assert found_in_the_database("Stuffed", "2001-02-03") == []


def texts_of_forms() -> set[str]:
    """Return the names of the fields in which people write, of all forms."""
    fields = [field for form in every_form(Form) for field in form()]
    written = [field for field in fields if type(field) in (StringField, TextAreaField)]
    return {field.name for field in written if "autocomplete" not in (field.render_kw or {})}


def found_in_the_database(*signs: str) -> list[str]:
    """Return the columns in which any of these signs stand, as they are or in JSON."""
    spelled = [*signs, *(json.dumps(sign)[1:-1] for sign in signs)]
    found = []
    for table in Person.metadata.sorted_tables:
        for row in db.session.execute(select(table)):
            for column, value in row._mapping.items():
                text = value if isinstance(value, str) else json.dumps(value, default=str)
                found += [f"{table.name}.{column}" for sign in spelled if sign in text]
    return found


def said(answer) -> str:
    """Return an answer as the table writes it: `in` for the way to the sign-in page or that page, else the status."""
    if answer.status_code == 303 and answer.location.startswith("/sign-in"):
        return "in"
    if answer.status_code == 403 and 'action="/sign-in"' in answer.text:
        return "in"
    return str(answer.status_code)
