"""Listed words as a person reads them."""

import time

import pytest

from forum.screening.words import count_links, found


@pytest.mark.parametrize(
    ("listed", "text"),
    [
        ("casino", "<p>Come to the CASINO!</p>"),
        ("casino", "<p>ca\u00adsi\u200bno</p>"),
        ("casino", "<p>c&#97;sino</p>"),
        ("casino", "<p>ca<em>si</em>no</p>"),
        ("casino", "<p>\uff23asino</p>"),
        ("Café", "<p>cafe</p>"),
        ("cafe", "<p>cafe\u0301</p>"),
        ("STRASSE", "<p>Straße</p>"),
        ("win  big", "<p>You can win\nbig.</p>"),
        ("win big", "<p>win, big</p>"),
        ("казино", "<p>Лучшее КАЗИНО.</p>"),
        ("賭場", "<p>歡迎來到賭場玩</p>"),
        ("24/7", "<p>open 24/7 for you</p>"),
    ],
)
def test_found(listed, text):
    assert found(["lottery", listed], text) == [listed]


@pytest.mark.parametrize(
    ("listed", "text"),
    [
        ("casino", "<p>casinos and a Casinò-like hall of occasion</p>".replace("Casinò-like ", "")),
        ("ass", "<p>a class of assassins</p>"),
        ("win big", "<p>win a big one</p>"),
        (".*", "<p>anything</p>"),
        ("...", "<p>anything ...</p>"),
        ("em", "<p><em>stress</em></p>"),
        ("example", '<p><a href="https://shop.example/x">here</a></p>'),
    ],
)
def test_not_found(listed, text):
    assert found([listed], text) == []


def test_a_long_list_and_a_long_text_cost_little():
    listed, text = [f"word{n} and more" for n in range(1000)], f"<p>{'word1 and ' * 5000}</p>"
    began = time.process_time()
    assert found(listed, text) == []
    assert time.process_time() - began < 5  # a pattern that went back and forth would take minutes


def test_links_are_counted_and_addresses_without_a_link_are_not():
    assert count_links('<p><a href="https://a.example/" rel="nofollow">a</a> https://b.example/</p>') == 1
    assert count_links("<p>&lt;a href=x&gt;</p>") == 0
