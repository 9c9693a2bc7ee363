"""Whatever anybody does, what the caches send next is what would be drawn afresh, for every reader.

The list of actions is derived from the code: each public function that begins a write. The caches were filled just
before the act, so an act that raises no version is noticed wherever a reader sees something of it.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from forum import db
from forum.clock import now
from forum.errors import Refusal
from tests.front.acts import every_action
from tests.front.readers import READERS
from tests.front.stage import Stage, on_postgresql, on_sqlite
from tests.front.ways import WAYS

ACTIONS = every_action()
EACH = [(name, number) for name, ways in WAYS.items() for number in range(len(ways))]
BY_HAND = (
    "UPDATE comments SET html = '<p>By hand.</p>' WHERE parent_id IS NULL",
    "UPDATE comments SET status = 'held' WHERE parent_id IS NOT NULL",
    "UPDATE comments SET status = 'hidden', rule = 'By hand' WHERE parent_id IS NULL",
    "UPDATE comments SET guest_name = 'Somebody' WHERE author_id IS NULL",
    "UPDATE closures SET words = 'By hand.'",
    "UPDATE closures SET reopened_at = created_at",
    "DELETE FROM closures",
    "UPDATE articles SET title = 'By hand'",
    "UPDATE articles SET status = 'draft'",
    "UPDATE people SET display_name = 'By Hand' WHERE username = 'tom'",
    "UPDATE people SET username = 'byhand' WHERE username = 'tom'",
    "UPDATE people SET role = 'moderator' WHERE username = 'tom'",
    "UPDATE people SET role = 'reader' WHERE username = 'quill'",
    "UPDATE people SET approved_at = NULL WHERE username = 'rosa'",
    "UPDATE people SET deactivated_at = created_at WHERE username = 'tom'",
    "UPDATE site SET name = 'By Hand', tagline = 'By hand'",
    "UPDATE site SET who_may_comment = 'nobody'",
    "UPDATE site SET set_up_at = NULL",
    "UPDATE tags SET name = 'By hand'",
    "DELETE FROM article_tags",
    "DELETE FROM sessions",
)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def stage(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A furnished site on either database."""
    found = replace(request.getfixturevalue("settings"), instance=tmp_path_factory.mktemp("stage"))
    found = replace(found, smtp_url="smtp://127.0.0.1:9")  # for actions that ask for a letter; nothing is sent
    if request.param == "sqlite":
        path = found.instance / "forum.sqlite3"
        made = on_sqlite(replace(found, database_url=f"sqlite:///{path}"), request.getfixturevalue("sqlite_template"))
    else:
        template, cluster = request.getfixturevalue("postgres_template"), request.getfixturevalue("cluster")
        name = f"stage_{uuid.uuid4().hex[:12]}"  # a run may make the stage twice
        cluster.create(name, template)
        made = on_postgresql(replace(found, database_url=cluster.url(name)), cluster, name)
    yield made
    made.close()


class Performance:
    """One run of acts on a stage that was put back."""

    def __init__(self, stage: Stage) -> None:
        stage.restore()
        self.scene, self.readers = stage.scene(), stage.readers

    def act(self, name: str, number: int) -> list[str]:
        """Do an act after everybody has seen the pages, and return what is wrong with the pages then."""
        act = WAYS[name][number](self.scene, ACTIONS[name])
        return self.differences_after(act)

    def differences_after(self, act: Any) -> list[str]:
        """Return what is wrong with the pages after an act."""
        self.readers.sign_in()
        addresses = self.readers.addresses()
        self.readers.fill(addresses)
        act()
        db.commit()
        return self.readers.differences(addresses)


@pytest.fixture
def performance(stage: Stage) -> Iterator[Performance]:
    """A run of acts inside the app's context."""
    made = Performance(stage)
    with stage.app.app_context():
        yield made
        db.rollback()


def test_every_action_has_a_way():
    assert set(WAYS) == set(ACTIONS)


def test_the_readers_are_five(performance):
    """Else the comparison would compare a visitor with a visitor."""
    performance.scene.comment("guest", "It waits.")
    address, *_ = performance.readers.addresses()
    pages = {name: performance.readers.page(name, address) for name in READERS}
    assert {name for name, page in pages.items() if "private" in page.splitlines()[2]} == set(READERS[1:])
    assert {name for name, page in pages.items() if "It waits." in page} == {"ida", "quill"}


@pytest.mark.parametrize(("name", "number"), EACH)
def test_after_an_action_everybody_gets_what_is_drawn_afresh(performance, name, number):
    assert performance.act(name, number) == []


@pytest.mark.parametrize("statement", BY_HAND)
def test_after_a_statement_by_hand_too(stage, performance, statement):
    scene = performance.scene
    scene.approved_guest()
    WAYS["articles.edit"][0](scene, ACTIONS["articles.edit"])()
    db.commit()
    scene.closure(whole=True)
    rows = []
    assert performance.differences_after(lambda: rows.append(stage.by_hand(statement))) == []
    assert rows[0] > 0


def test_in_any_order(stage):
    class Acts(RuleBasedStateMachine):
        """Acts in any order on any comment, closure or decision there is, and the clock between them."""

        def __init__(self) -> None:
            super().__init__()
            self.clock = time_machine.travel(now(), tick=False)
            self.time = self.clock.start()
            self.performance = Performance(stage)
            self.context = stage.app.app_context()
            self.context.push()

        @rule(way=st.sampled_from(EACH), data=st.data())
        def act(self, way: tuple[str, int], data: Any) -> None:
            """Let somebody act on whatever there is; a refusal changes nothing."""
            self.performance.scene.choose = lambda ids: data.draw(st.sampled_from(ids))
            self.time.shift(1)
            try:
                wrong = self.performance.act(*way)
            except Refusal:
                db.rollback()
                wrong = self.performance.differences_after(lambda: None)
            assert wrong == []

        @rule(hours=st.integers(1, 30))
        def wait(self, hours: int) -> None:
            """Let the clock change the pages."""
            assert self.performance.differences_after(lambda: self.time.shift(timedelta(hours=hours))) == []

        def teardown(self) -> None:
            db.rollback()
            self.context.pop()
            self.clock.stop()

    few = {"sqlite": (4, 8), "postgresql": (2, 6)}[stage.kind]
    run_state_machine_as_test(
        Acts,
        settings=settings(
            max_examples=few[0],
            stateful_step_count=few[1],
            derandomize=True,
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
