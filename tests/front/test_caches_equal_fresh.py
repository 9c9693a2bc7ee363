"""Whatever anybody does, what the caches send next is what would be drawn afresh, for every reader.

The list of actions is derived from the code: each public function that begins a write. The caches were filled just
before the act, so an act that raises no version is noticed by whoever sees something of it.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from forum import db
from tests.front.acts import Scene, every_action
from tests.front.readers import Readers
from tests.front.ways import WAYS

ACTIONS = every_action()
EACH = [(name, number) for name, ways in WAYS.items() for number in range(len(ways))]


def test_every_action_has_a_way():
    assert set(WAYS) == set(ACTIONS)


@pytest.fixture
def scene(cast, tmp_path) -> Scene:
    return Scene(cast, tmp_path)


@pytest.fixture
def readers(scene) -> Iterator[Readers]:
    made = Readers(scene.cast)
    yield made
    made.afresh.close()


@pytest.mark.parametrize(("name", "number"), EACH)
def test_after_an_action_everybody_gets_what_is_drawn_afresh(scene, readers, name, number):
    act = WAYS[name][number](scene, ACTIONS[name])
    readers.sign_in()
    addresses = readers.addresses()
    readers.fill(addresses)
    act()
    db.commit()
    readers.sign_in()
    assert readers.differences(addresses) == []
