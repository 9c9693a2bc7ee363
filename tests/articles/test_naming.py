"""Addresses made from titles."""

from __future__ import annotations

from pathlib import Path

import pytest

from forum import db
from forum.articles import actions
from forum.articles.naming import free_slug, is_slug, slug_of, split_tags, tag_slug
from tests.cast import Cast


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("The Library Opens, on Saturday!", "the-library-opens-on-saturday"),
        ("Käse & Brötchen", "kase-brotchen"),
        ("Straße", "strasse"),
        ("Ida's own", "idas-own"),
        ("Библиотека", "библиотека"),
        ("図書館の話", "図書館の話"),
        ("हिन्दी में", "हिन्दी-में"),
        ("ﬁrst ½", "first-1-2"),
        ("../../etc/passwd", "etc-passwd"),
        ("🙂 ?!", ""),
        ("\u3164 \u2800\uffa0", ""),
    ],
)
def test_an_address_is_made_of_the_titles_words(title: str, slug: str) -> None:
    assert slug_of(title) == slug


def test_an_address_of_before_stays_one() -> None:
    """Fillers were letters of an address once; such an archive comes in."""
    assert is_slug("\u1160")
    assert not any(map(is_slug, ("../etc", "a\nb", "a b", "-a", "", "new")))


def test_a_long_title_is_cut_between_words() -> None:
    slug = slug_of("word " * 60)
    assert len(slug) <= 80
    assert slug.endswith("word")
    assert len(slug_of("x" * 300)) == 80


def test_taken_and_reserved_addresses_get_a_number() -> None:
    assert free_slug("New", set()) == "new-2"
    assert free_slug("Same", {"same", "same-2"}) == "same-3"
    assert free_slug("🙂", set()) == "article"


def test_tags_are_what_stands_between_commas() -> None:
    assert split_tags(" Opening  hours, library,, LIBRARY , !") == ["Opening hours", "library"]
    assert split_tags("Harbour, Opening hours, harbour") == ["Harbour", "Opening hours"], "in the order of typing"


def test_tags_that_differ_only_in_signs_are_different_tags(cast: Cast, shared: Path) -> None:
    names = (shared / "cases" / "tags-that-differ-only-in-signs.txt").read_text().split()
    assert split_tags(", ".join(names)) == names
    article = actions.create(cast.ida, actions.check_words("Three languages", "b", names))
    actions.publish(cast.ida, article.id)
    db.commit()
    assert {(tag.name, tag.slug) for tag in article.tags} == {("C", "c"), ("C++", "c-plus-plus"), ("C#", "c-sharp")}
    pages = {tag.slug: cast.browser().get(f"/tags/{tag.slug}").status_code for tag in article.tags}
    assert set(pages.values()) == {200}


def test_a_sign_in_front_is_no_part_of_a_tag() -> None:
    assert (tag_slug("#library"), tag_slug("library"), tag_slug("Salt & bread")) == ("library", "library", "salt-bread")


def test_two_articles_of_one_title_get_two_addresses(cast: Cast) -> None:
    made = [actions.create(cast.ida, actions.check_words("100% new_s", "b")).slug for _ in range(3)]
    db.commit()
    assert made == ["100-new-s", "100-new-s-2", "100-new-s-3"]
