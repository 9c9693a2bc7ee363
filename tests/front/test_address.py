"""A page has one name, however its address is spelled; nothing else can be put into the name."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from forum.front.address import Address, read_address

FIRST = Address("a", None, newest=False, from_id=None)


@pytest.mark.parametrize(
    "query",
    [
        *("", "order=oldest", "order=", "order=NEWEST", "order=oldest&order=newest", "from=", "from=0", "from=-1"),
        *("from=01", "from=1.0", "from=x", "from=%C2%B2", "from=99999999999999999999", "from=+5", "&", "order"),
    ],
)
def test_values_that_the_page_ignores_are_not_part_of_its_name(query):
    assert read_address("/articles/a", query) == FIRST


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/feeds/articles", ("articles", None, None)),
        ("/feeds/tags/town", ("tags", "town", None)),
        ("/feeds/people/ida", ("people", "ida", None)),
        ("/feeds/articles/a", ("discussion", "a", None)),
        ("/feeds/articles/\xc3\xa9", ("discussion", "\u00e9", None)),
        ("/feeds/comments/7", ("discussion", None, 7)),
    ],
)
def test_a_feed_has_one_name(path, expected):
    found = read_address(path, "")
    assert (found.feed, found.slug, found.comment_id) == expected
    assert found.query == ""
    assert read_address(path, "from=5") is read_address(path, "x") is None


@pytest.mark.parametrize("query", ["order=newest&from=5", "from=5&order=newest", "from=5&order=newest&from=7"])
def test_the_order_of_parameters_does_not_matter(query):
    assert read_address("/articles/a", query) == Address("a", None, newest=True, from_id=5)


@pytest.mark.parametrize("query", ["unknown=1", "order=newest&x=", "%6f=1", "a=1&" * 9, "order=%FF", "from=%80"])
def test_anything_else_is_left_to_flask(query):
    assert read_address("/articles/a", query) is None


@pytest.mark.parametrize(
    "path",
    [
        *("/", "/articles/", "/articles/a/", "/articles/a/close", "/comments/0/branch", "/comments/01/branch"),
        *(
            "/feeds",
            "/feeds/",
            "/feeds/x",
            "/feeds/articles/",
            "/feeds/articles/a/b",
            "/feeds/tags",
            "/feeds/comments/07",
        ),
        *("/feeds/comments/a", "/feeds/comments/\u0663", "/feeds/people/\xff", "/feeds/articles\n"),
        *("/comments/1/more", "/comments/-1/branch", "/comments/9999999999999999999/branch", "/articles/\xff"),
    ],
)
def test_other_paths_are_left_to_flask(path):
    assert read_address(path, "") is None


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=40), st.text(max_size=40))
@example("order", "newest")
def test_the_canonical_query_leads_to_the_same_page(order, start):
    from urllib.parse import urlencode

    found = read_address("/articles/a", urlencode({"order": order, "from": start}))
    assert found is None or read_address("/articles/a", found.query) == found
