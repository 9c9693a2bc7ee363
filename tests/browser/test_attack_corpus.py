"""No word of a stranger runs in the browser of another person (bar 2).

The attacks of the corpora stand in every column that holds words, past all forms, and the pages are the product's own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from urllib.parse import urlencode

import pytest
from markupsafe import escape
from playwright.sync_api import Browser
from sqlalchemy import update

from forum import config, create_app, db
from forum.site.models import Document
from tests.access_table import TABLE
from tests.browser import strangers
from tests.browser.watched import POLICY, Answer, Watched
from tests.test_access import Stage
from tests.test_text import payloads
from tests.transfer.scene import taken_out

pytestmark = pytest.mark.browser
CROWD = 24  # rows of each kind, each with an attack of its own
LOOKERS = ("visitor", "tom", "ida", "quill", "ada")
OWN_POLICY = re.compile(f'<meta http-equiv="{POLICY}"[^>]*>')
STYLED = "default-src 'self'; style-src 'unsafe-inline'; img-src 'self' data:"
# Pages that show many rows at once, and who looks at them.
PAGES = [
    ("quill", "/articles/{slug}"),
    ("visitor", "/"),
    ("visitor", "/tags"),
    ("visitor", "/rules"),
    ("tom", "/notices"),
    ("quill", "/moderation/queue/{comment}"),
    ("quill", "/moderation/closures"),
    ("quill", "/moderation/history"),
    ("ada", "/admin/people"),
]
# What is noticed where a word gets past the cleaning; each of them runs or asks for something in its own way.
ALERT = "dialog: 7"
CONTROLS = {
    "<script>alert(7)</script>": ALERT,
    "<img src=/nothing onerror=alert(7)>": ALERT,
    "<svg onload=alert(7)>": ALERT,
    "<b onmouseover=alert(7)>x</b>": ALERT,
    "<b onanimationend=alert(7)>x</b>": ALERT,
    "<i onwheel=alert(7)>x</i>": ALERT,
    "<input onfocus=alert(7)>": ALERT,
    "<details ontoggle=alert(7)>x</details>": ALERT,
    "<a href='javascript:alert(7)'>x</a>": ALERT,
    "<form action='javascript:alert(7)'><button>x</button></form>": ALERT,
    "<form><button formaction='javascript:alert(7)'>x</button></form>": ALERT,
    "<iframe srcdoc='<script>alert(7)</script>'></iframe>": ALERT,
    "<img src=http://evil.example/x.png>": "request: image http://evil.example/x.png",
    "<style>@import 'http://evil.example/x.css'</style>": "request: stylesheet http://evil.example/x.css",
    "<meta http-equiv=refresh content='0;url=http://evil.example/'>": "request: document http://evil.example/",
    "<form action=http://evil.example/><button>x</button></form>": "console: ",
    "<p style='color: red'>x</p>": "console: ",
}


@pytest.fixture(scope="module")
def stage(
    sqlite_template: Path, settings: config.Settings, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stage]:
    """Yield a site with one of everything and a crowd."""
    folder = tmp_path_factory.mktemp("strangers")
    path = folder / "forum.sqlite3"
    path.write_bytes(sqlite_template.read_bytes())
    own = replace(settings, instance=folder, database_url=f"sqlite:///{path}", smtp_url="smtp://127.0.0.1:9")
    app = create_app(own)
    with app.app_context():
        made = Stage(app, path)
        strangers.crowd(made, CROWD)
        yield made
        db.session.remove()
        db.engine().dispose()


@pytest.fixture(scope="module")
def watched(browser: Browser, stage: Stage) -> Iterator[Watched]:
    """Yield a window, once it was seen to notice what runs and what is asked for."""
    made = Watched(browser, partial(_fetched, stage))
    for control, noticed in CONTROLS.items():
        db.lock()
        db.session.execute(update(Document).values(html=control))
        db.commit()
        seen = made.show(_drawn(stage, "visitor", "/rules"))
        assert any(line.startswith(noticed) for line in seen), f"{control} was not noticed: {seen}"
    yield made
    made.close()


def test_a_sample_of_the_attacks(shared: Path, stage: Stage, watched: Watched) -> None:
    """The controls, and a few of the corpora."""
    rest = CROWD - len(CONTROLS)
    attacks = payloads(shared)
    _try(stage, watched, [*CONTROLS, *attacks[:: len(attacks) // rest][:rest]], PAGES[:2], 1)


@pytest.mark.soak
def test_all_attacks_where_many_texts_stand(shared: Path, stage: Stage, watched: Watched) -> None:
    """Each attack as a comment, an article, a name, a tag, a rule, closing words, a moderator's words, a question."""
    attacks = [*CONTROLS, *payloads(shared)]
    assert len(attacks) > 1000
    for begin in range(0, len(attacks), CROWD):
        _try(stage, watched, attacks[begin : begin + CROWD], PAGES, len(PAGES))


@pytest.mark.soak
def test_every_page_of_the_access_table(shared: Path, stage: Stage, watched: Watched) -> None:
    attacks = payloads(shared)
    for number, role in enumerate(LOOKERS):
        strangers.write(stage, attacks[number :: len(LOOKERS)])
        paths = dict.fromkeys(row.url.format(**stage.ids) for row in TABLE if row.method == "GET")
        pages = [_drawn(stage, role, path) for path in paths]
        _look(watched, [page for page in pages if page.body.lstrip()[:9].lower() == "<!doctype"], 8)
        # Chromium draws feeds with styles of its own.
        feeds = [page._replace(policy=STYLED) for page in pages if page.body.startswith("<?xml")]
        _look(watched, feeds, 1)
        _look(watched, [_archive()], 1)


def _try(
    stage: Stage, watched: Watched, attacks: Sequence[str], pages: Iterable[tuple[str, str]], at_once: int
) -> None:
    strangers.write(stage, attacks)
    drawn = [_drawn(stage, role, path.format(**stage.ids)) for role, path in pages]
    names = [attack for attack in attacks if str(escape(attack)) not in drawn[0].body]
    assert names == [], "the page does not show what it should be tried with"
    _look(watched, drawn, at_once)
    _look(watched, [_drawn(stage, "visitor", f"/articles/own-{number}") for number in range(CROWD)], CROWD)
    _look(watched, [_drawn(stage, "visitor", "/search?" + urlencode({"q": attack})) for attack in attacks], CROWD)


def _look(watched: Watched, pages: Sequence[Answer], at_once: int) -> None:
    """Look at pages, so many in one document: a browser reads on behind the end of the first as if there were none."""
    for at in range(0, len(pages), at_once):
        some = pages[at : at + at_once]
        seen = watched.show(some[0]._replace(body="".join(page.body for page in some)))
        assert seen == [], f"{[page.path for page in some]}: {seen}"


def _drawn(stage: Stage, role: str, path: str) -> Answer:
    browser = stage.browsers[role]
    browser.client.set_cookie("session", browser.cookie)
    with browser.get(path) as got:
        assert got.status_code < 500, path
        return Answer(path, got.content_type, got.headers.get(POLICY, ""), got.data.decode(errors="replace"))


def _archive() -> Answer:
    """Return the HTML archive, without the policy in its page, which would do more than report."""
    html = OWN_POLICY.sub("", taken_out(format="html").decode())
    return Answer("/archive.html", "text/html; charset=utf-8", STYLED, html)


def _fetched(stage: Stage, path: str) -> tuple[int, str, bytes]:
    """Get what a page loads, as somebody whom nothing is hidden from."""
    with stage.browsers["ada"].client.get(path) as got:
        return got.status_code, got.content_type, got.data
