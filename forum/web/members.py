"""Answer members' reading before Flask sees it: a page of theirs that was made before, with a new one-time key.

What is kept of a page is what stands around the discussion, for one session, under everything that it shows: the
session's row, the person's, what the rooms count for the head, and the versions of site and article. Pages with
anything else of the moment in them (a message, a waiting comment, a desk's counts) are marked and never kept.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from flask import Flask

from forum.clock import now
from forum.people.queries import PERSON
from forum.people.tokens import token_hash
from forum.splice import Part, Secret, spliced
from forum.web.held import Asker
from forum.web.sessions import ABSOLUTE, TOUCH

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

FRAME = "forum.frame"  # a list in the environment, where a view leaves the page it made
WHOSE = "forum.whose"  # what a member's page depends on besides the article, in the environment of who asks for one
FLEETING = "forum.fleeting"  # set in the environment where a page shows what is not in its key
_FROM = (
    "FROM sessions x JOIN people p ON p.id = x.person_id JOIN articles a ON a.id = ?"
    " WHERE x.token_hash = ? AND x.seen_at > ? AND x.created_at > ? AND p.deactivated_at IS NULL"
)


@dataclass(frozen=True)
class Frame:
    """Be one person's page, cut where the form's one-time key belongs; satisfies `pages.Kept`.

    The discussion in it is kept elsewhere too, so only the rest is counted.
    """

    parts: tuple[Part, ...]
    until: datetime | None
    own: int  # bytes that are nobody else's
    headers: tuple[tuple[str, str], ...] = ()

    @property
    def size(self) -> int:
        """Return the bytes it takes."""
        return 2 * self.own + 2000


class Members:
    """Know under what a member's page is kept."""

    def __init__(self, app: Flask, asker: Asker, cookie: str) -> None:
        self._asker, self._cookie = asker, cookie
        self._stamps: dict[str, str] = app.extensions["member-stamps"]
        self._statement = ""

    def key(self, cookies: str, asked: Any, versions: tuple[int, int, int]) -> tuple[Any, ...] | None:
        """Return everything that this person's page depends on, None where nothing can be kept for them."""
        token = self._token(cookies)
        if not token:
            return None
        moment = now()
        hashed = token_hash(token)
        remembered = ("member", hashed, versions[1], int(moment.timestamp()) // 60)
        limits = (self._asker.moment(moment - TOUCH), self._asker.moment(moment - ABSOLUTE))
        row = self._asker.row(remembered, self._statement or self._make(), (versions[1], hashed, *limits))
        return ("member", asked, versions, row) if row else None

    def _token(self, cookies: str) -> str:
        found = [part for part in cookies.split(";") if part.strip().startswith(self._cookie)]
        return found[0].strip().removeprefix(self._cookie).strip('"') if len(found) == 1 else ""

    def _make(self) -> str:
        columns = ["x.id", "CAST(x.data AS TEXT)", *(f"p.{name}" for name in PERSON), *self._stamps.values()]
        self._statement = f"SELECT {', '.join(columns)} {_FROM}"
        return self._statement


def new_key() -> str:
    """Return a form's one-time key, by which posting twice makes one comment."""
    return secrets.token_urlsafe(18)


def send(frame: Frame, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """Send a member's page with a one-time key of its own."""
    headers = list(frame.headers)
    gzips = "gzip" in environ.get("HTTP_ACCEPT_ENCODING", "")
    body = joined(frame.parts, iter(new_key, ""), gzips=gzips)
    if gzips:
        headers.append(("Content-Encoding", "gzip"))
    headers.append(("Content-Length", str(len(body))))
    start_response("200 OK", headers)
    return [body]


def joined(parts: tuple[Part, ...], keys: Iterable[str], *, gzips: bool) -> bytes:
    """Return a page, gzipped or plain, with a key between each two parts."""
    sections: list[bytes | Part] = [parts[0]]
    for part, key in zip(parts[1:], keys, strict=False):
        sections += [Secret(key.encode()), part]
    if gzips:
        return spliced(*sections)
    return b"".join(b"".join(each.plain) if isinstance(each, Part) else each for each in sections)
