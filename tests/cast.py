"""The cast every test knows, and their browsers.

Ida wrote the article. Tom and Rosa read. Quill moderates, Ada is the admin, Otto writes articles, but not this one.
Sven is suspended, Nele waits for approval, Dora's account is switched off.
"""

from __future__ import annotations

from collections.abc import Callable
from contextvars import Context
from datetime import timedelta
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer
from werkzeug.test import TestResponse

from forum import db
from forum.clock import now
from forum.people import sessions
from forum.people.models import Person
from forum.people.tokens import new_token
from forum.sanctions.models import Sanction
from forum.site.models import Site
from forum.web.sessions import csrf_value
from tests import factories


def form_token(app: Flask, cookie: str, *, member: bool = True) -> str:
    """Return what a form of this cookie's session carries."""
    secret = str(app.secret_key)
    return str(URLSafeTimedSerializer(secret, salt="wtf-csrf-token").dumps(csrf_value(secret, cookie, member=member)))


class Browser:
    """One person's browser: get pages, post forms with their token, or forge a post without it."""

    def __init__(self, app: Flask, person: Person | None = None) -> None:
        self.client: FlaskClient = app.test_client()
        self.cookie = new_token()
        # A person who is switched off is a visitor, and so are the forms drawn for them.
        member = person is not None and person.deactivated_at is None
        self.token = form_token(app, self.cookie, member=member)
        if person is not None:
            sessions.begin(self.cookie, {"_user_id": str(person.id), "_fresh": True}, person.id, now())
        self.client.set_cookie("session", self.cookie)

    def get(self, url: str, **options: Any) -> TestResponse:
        """Get a page."""
        return self._ask(self.client.get, url, **options)

    def post(self, url: str, fragment: bool = False, **fields: Any) -> TestResponse:
        """Post a form as the page would have sent it."""
        headers = {"X-Fragment": "1"} if fragment else {}
        return self._ask(self.client.post, url, data={"csrf_token": self.token, **fields}, headers=headers)

    def forge(self, url: str, **fields: Any) -> TestResponse:
        """Post a form as another site would: without the token."""
        return self._ask(self.client.post, url, data=fields)

    def open(self, url: str, method: str, **options: Any) -> TestResponse:
        """Send any other request."""
        return self._ask(self.client.open, url, method=method, **options)

    def _ask(self, ask: Callable[..., TestResponse], url: str, **options: Any) -> TestResponse:
        # In a context of its own, as on a server. Inside the test's, Flask would share `g` between all requests, and
        # every browser would be taken for the first one's person.
        answer = Context().run(ask, url, **{"buffered": True, **options})
        db.session.expire_all()  # the test's own session sees what the request committed
        return answer


class Cast:
    """The people, Ida's article, and a browser for each of them."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        db.lock()
        site = db.session.get_one(Site, 1)
        site.set_up_at, site.name = now(), "The Reading Room"
        self.ida = factories.unsaved_person("Ida", "author")
        self.otto = factories.unsaved_person("Otto", "author")
        self.tom = factories.unsaved_person("Tom")
        self.rosa = factories.unsaved_person("Rosa")
        self.quill = factories.unsaved_person("Quill", "moderator")
        self.ada = factories.unsaved_person("Ada", "admin")
        ends = now() + timedelta(days=3)
        self.sven = factories.unsaved_person("Sven", suspended_until=ends)
        self.nele = factories.unsaved_person("Nele", approved_at=None)
        self.dora = factories.unsaved_person("Dora", deactivated_at=now())
        factories.save(*(one for one in vars(self).values() if isinstance(one, Person)))
        db.session.add(Sanction(kind="suspension", person_id=self.sven.id, created_at=now(), until=ends))
        self.article = factories.new_article(self.ida, "The library opens on Saturday")
        db.commit()

    def ids(self) -> dict[str, int]:
        """Return the ids of the people by name."""
        return {name: person.id for name, person in vars(self).items() if isinstance(person, Person)}

    def browser(self, person: Person | None = None) -> Browser:
        """Return a browser in which this person is signed in, or a visitor's."""
        return Browser(self.app, person)
