"""Choose at which comment the end of an exchange begins, and for whom: one cannot be said without the other."""

from __future__ import annotations

import re
from html import unescape

import pytest

from forum.comments.ending import extent
from tests.closures.test_close import closures
from tests.comments.talk import counted, exchange, put, row, say


def options(page: str) -> list[tuple[int, str]]:
    """Return the comments one can choose, with what is said of each."""
    listed = page.split('name="start"')[1].split("</select>")[0]
    return [
        (int(id), unescape(label).replace("\u00a0", " ")) for id, label in re.findall(r'value="(\d+)">([^<]*)<', listed)
    ]


def test_each_is_told_by_its_words_and_by_what_it_covers_newest_first(cast):
    ids = exchange(cast)
    say(cast.rosa, cast.article, parent=ids[1])
    found = options(cast.browser(cast.quill).get(f"/comments/{ids[4]}/close").text)
    assert [id for id, _ in found] == ids[4::-1]
    labels = dict(found)
    assert labels[ids[4]].startswith("Tom, ")
    assert "“Turn 4.” · 2 comments" in labels[ids[4]]
    assert "“Turn 1.” · 6 comments" in labels[ids[1]]
    assert [id for id, label in found if label.endswith("proposed")] == [ids[0]]


def test_what_is_gone_is_not_quoted(cast):
    ids = exchange(cast)
    put(ids[2], "sealed")
    labels = dict(options(cast.browser(cast.quill).get(f"/comments/{ids[4]}/close").text))
    assert "Turn 2." not in labels[ids[2]]
    assert "gone" in labels[ids[2]]


@pytest.mark.parametrize("reach", ["two", "thread"])
def test_another_start_with_another_reach_is_asked_about(cast, reach):
    ids = exchange(cast)
    fields = {"reach": reach, "start": str(ids[2]), "words": "Enough."}
    answer = cast.browser(cast.quill).post(f"/comments/{ids[4]}/close", **fields)
    assert answer.status_code == 422
    assert "You chose another comment to begin at" in answer.text
    assert f'<option selected value="{ids[2]}"' in answer.text
    assert f'value="{reach}" checked' in answer.text
    assert "Enough." in answer.text
    assert closures() == []
    fields["start"] = str(ids[0])
    assert cast.browser(cast.quill).post(f"/comments/{ids[4]}/close", **fields).status_code == 303
    assert closures()[0].for_two is (reach == "two")


def test_the_counts_are_those_of_the_branches(cast):
    ids = exchange(cast)
    for parent in (ids[0], ids[1], ids[1], ids[4], ids[5]):
        say(cast.rosa, cast.article, parent=parent)
    gone = say(cast.rosa, cast.article, parent=ids[3])
    put(gone, "hidden")
    say(cast.rosa, cast.article)
    parents = {one: row(one).parent_id for one in range(1, gone) if row(one)}

    def holds(top: int, id: int | None) -> bool:
        return id is not None and (id == top or holds(top, parents[id]))

    for deepest in range(1, len(ids) + 1):
        for highest in range(deepest):
            chain = ids[highest:deepest][::-1]
            assert extent.below(chain) == {top: sum(holds(top, id) for id in parents) for top in chain}


def test_counting_takes_as_many_statements_for_many(cast):
    ids = exchange(cast)
    with counted() as few:
        extent.below(ids[:1])
    with counted() as many:
        extent.below(ids[::-1])
    assert len(many) <= len(few) + 1
