"""Order and levels, from plain rows."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from forum.comments.tree import Above, Letter, Node, places, preorder
from tests.comments.talk import shallow

BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
# A: Moss, B: Ida answers. C begins the quarrel of C..L; D answers it, and D has two replies: E's long line and M.
EXCHANGE = [
    ("A", None), ("B", "A"), ("C", None), ("D", "C"), ("E", "D"), ("F", "E"), ("G", "F"), ("H", "G"), ("I", "H"),
    ("J", "I"), ("K", "F"), ("L", "K"), ("M", "D"), ("N", None), ("O", "N"),
]  # fmt: skip


def nodes_of(
    parents: list[tuple[int, int | None]],
    placeless: frozenset[int] = frozenset(),
    writers: Mapping[int, int | str] | None = None,
) -> list[Node]:
    """Return the rows of a thread in reading order, from (id, parent id) in the order of writing."""
    letters = [Letter(id, parent, (writers or {}).get(id)) for id, parent in parents]
    above = dict(parents)
    replies: dict[int, int] = {}
    for id, parent in parents:
        if parent is not None and id not in placeless:
            replies[parent] = replies.get(parent, 0) + 1
    written = {id: BEGAN + timedelta(seconds=number) for number, (id, _) in enumerate(parents)}
    return [Node(id, above[id], replies.get(id, 0), id not in placeless, written[id]) for id, _, _ in preorder(letters)]


def levels(letters: list[tuple[str, str | None]]) -> dict[str, int]:
    nodes = nodes_of([(ord(id), ord(parent) if parent else None) for id, parent in letters])
    return {chr(node.id): place.level for node, place in zip(nodes, places(nodes), strict=True)}


def test_the_exchange_of_the_design():
    found = levels(EXCHANGE)
    assert [found[letter] for letter in "CDEFGHIJKLM"] == [0, 0, 1, 1, 2, 2, 2, 2, 1, 1, 0]
    assert [found[letter] for letter in "ABNO"] == [0, 0, 0, 0]


def test_reading_order_is_a_branch_after_the_other():
    nodes = nodes_of([(ord(id), ord(parent) if parent else None) for id, parent in EXCHANGE])
    assert "".join(chr(node.id) for node in nodes) == "ABCDEFGHIJKLMNO"


def test_only_the_last_reply_stays_in_the_column():
    assert levels([("A", None), ("B", "A"), ("C", "A"), ("D", "A")]) == {"A": 0, "B": 1, "C": 1, "D": 0}


def test_a_reply_is_near_where_its_parent_is_the_row_above():
    nodes = nodes_of([(1, None), (2, 1), (3, 1)])
    assert [place.near for place in places(nodes)] == [False, True, False]


def test_a_reply_says_that_it_was_written_before_the_rows_above():
    # 3 answers 1, then 4 answers 2: 4 stands above 3, though it is younger.
    nodes = nodes_of([(1, None), (2, 1), (3, 1), (4, 2)])
    found = {node.id: place for node, place in zip(nodes, places(nodes), strict=True)}
    assert found[3].before_above
    assert not found[2].before_above
    assert not found[4].before_above


def test_replies_are_counted_and_branches_measured():
    nodes = nodes_of([(1, None), (2, 1), (3, 1), (4, 2)])
    found = {node.id: place for node, place in zip(nodes, places(nodes), strict=True)}
    assert [(found[id].nth, found[id].of) for id in (2, 3)] == [(1, 2), (2, 2)]
    assert [found[id].size for id in (1, 2, 3, 4)] == [4, 2, 1, 1]


def test_a_branch_that_goes_on_beyond_the_page_is_not_whole():
    found = places(nodes_of([(1, None), (2, 1), (3, 1)]), cut=True)
    assert [place.whole for place in found] == [False, True, False]


def test_a_row_without_a_place_moves_nobody():
    parents = [(1, None), (2, 1), (3, 1)]
    nodes = nodes_of(parents, frozenset({3}))
    assert [place.level for place in places(nodes)] == [0, 0, 1]


def test_the_partner_answers_after_all_others():
    # 1 asks 9; 2 answers as 8. Beside 9's answer (4) stand remarks by others, written before it (3) and after it (5).
    parents = [(1, None), (2, 1), (3, 2), (4, 2), (5, 2), (6, 2)]
    writers: dict[int, int | str] = {1: 9, 2: 8, 3: 7, 4: 9, 5: "Moss", 6: 9}
    nodes = nodes_of(parents, writers=writers)
    assert [node.id for node in nodes] == [1, 2, 3, 5, 4, 6]
    found = {node.id: place for node, place in zip(nodes, places(nodes), strict=True)}
    assert [found[id].level for id in (3, 5, 4, 6)] == [1, 1, 1, 0]
    assert found[4].before_above
    assert not found[5].before_above


def test_twenty_rounds_stay_in_one_column_no_matter_who_remarks():
    # Two write 40 letters; under each a bystander remarks, under every second one before the partner's answer.
    letters: list[tuple[int, int | None]] = [(1, None)]
    writers: dict[int, int | str] = {1: 1}
    for number in range(2, 41):
        pair = [(number, number - 1), (100 + number, number - 1)]
        letters.extend(pair if number % 2 else reversed(pair))
        writers |= {number: number % 2, 100 + number: "Moss"}
    nodes = nodes_of(letters, writers={1: 1, **writers})
    levels = {node.id: place.level for node, place in zip(nodes, places(nodes), strict=True)}
    # The first letter answers nobody, so that its answers stand as they were written.
    assert {levels[number] for number in range(3, 41)} == {levels[2]}
    assert {levels[100 + number] for number in range(3, 41)} == {levels[2] + 1}
    order = [node.id for node in nodes]
    for number in range(3, 41):
        assert order.index(100 + number) == order.index(number - 1) + 1


def test_guests_are_told_apart_by_name_and_from_members():
    parents = [(1, None), (2, 1), (3, 2), (4, 2)]
    assert [node.id for node in nodes_of(parents, writers={1: "Moss", 3: "Moss", 4: "Ida"})] == [1, 2, 4, 3]
    assert [node.id for node in nodes_of(parents, writers={1: "1", 3: 1})] == [1, 2, 3, 4]
    assert [node.id for node in nodes_of(parents)] == [1, 2, 3, 4]  # nobody known is nobody's partner


def test_preorder_takes_an_absent_parent_for_none():
    assert preorder([Letter(1, 99, None), Letter(2, 1, None)]) == [(1, 1, 0), (2, 1, 1)]


def test_preorder_takes_parents_that_come_later():
    assert preorder([Letter(2, 1, None), Letter(1, None, None)]) == [(1, 1, 0), (2, 1, 1)]


@st.composite
def threads(draw: st.DrawFn) -> list[tuple[int, int | None]]:
    """One thread of up to 60 comments in the order of writing; chains and hot spots are as likely as bushes."""
    size = draw(st.integers(1, 60))
    parents: list[tuple[int, int | None]] = [(1, None)]
    for id in range(2, size + 1):
        parents.append((id, draw(st.one_of(st.just(id - 1), st.just(1), st.integers(1, id - 1)))))
    return parents


def described(nodes: list[Node], first: int) -> list[Above]:
    """Return every ancestor of a row, topmost first, as a reader of the whole thread would describe it."""
    whole = places(nodes)
    number = {node.id: at for at, node in enumerate(nodes)}
    line: list[Above] = []
    child, parent = nodes[first], nodes[first].parent_id
    while parent is not None:
        above = nodes[number[parent]]
        seen = sum(1 for node in nodes[:first] if node.parent_id == parent and node.placed)
        line.append(Above(parent, whole[number[parent]].level, above.reply_count, seen))
        child, parent = above, above.parent_id
    del child
    return list(reversed(line))


@given(threads())
def test_a_run_of_single_replies_never_changes_its_level(parents: list[tuple[int, int | None]]):
    nodes = nodes_of(parents)
    found = {node.id: place.level for node, place in zip(nodes, places(nodes), strict=True)}
    counts = {node.id: node.reply_count for node in nodes}
    for node in nodes:
        if node.parent_id is not None and counts[node.parent_id] == 1:
            assert found[node.id] == found[node.parent_id]


@given(threads())
def test_a_level_is_the_parents_or_one_more(parents: list[tuple[int, int | None]]):
    nodes = nodes_of(parents)
    found = {node.id: place for node, place in zip(nodes, places(nodes), strict=True)}
    for node in nodes:
        if node.parent_id is not None:
            assert found[node.id].level == found[node.parent_id].level + (not found[node.id].last)


@given(threads(), st.integers(0, 59), st.data())
def test_a_page_gives_the_levels_of_the_whole(parents: list[tuple[int, int | None]], cut: int, data: st.DataObject):
    lonely = {id for id, _ in parents} - {parent for _, parent in parents} - {1}
    placeless = frozenset(data.draw(st.sets(st.sampled_from(sorted(lonely)))) if lonely else ())
    nodes = nodes_of(parents, placeless)
    first = cut % len(nodes)
    whole = places(nodes)[first:]
    page = places(nodes[first:], described(nodes, first))
    assert [(place.level, place.last, place.nth, place.of) for place in page] == [
        (place.level, place.last, place.nth, place.of) for place in whole
    ]


@settings(deadline=None, max_examples=5)
@given(st.sampled_from([lambda row: row - 1, lambda row: 1, lambda row: max(1, row // 2)]))
def test_ten_thousand_need_no_deep_stack(parent_of):
    parents = [(1, None), *((id, parent_of(id)) for id in range(2, 10_001))]
    with shallow(60):
        nodes = nodes_of(parents)
        found = places(nodes)
    assert len(found) == 10_000
