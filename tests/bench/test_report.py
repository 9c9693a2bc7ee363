"""What a run measured becomes tables and pictures; the words around them stay."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections import Counter
from typing import Any

import pytest

from bench import flame, goals, load, memory, plot, report
from bench.site import CHAIN

COST = {"kept": 0.003, "member": 1.2, "drawn": 20.0, "permalink": 2.0, "reply": 1.5}
COUNTED = {f"{name}_sql": 3.0 for name in COST}
LINE = {"rate": 1000.0, "p50": 0.5, "p99": 2.0, "bytes": 20_000.0, "share": 0.5}
POSTS = {"rate": 500.0, "p50": 10.0, "p99": 30.0, "made": 900.0, "refused": 0.0, "lost": 0.0}
SLUGS = ("tree-100", "tree-1000", f"chain-{CHAIN}")


def measured() -> dict[str, Any]:
    """Return a run's figures for one database."""
    return {
        "start": {"forum serve": {"seconds": 0.9}},
        "pages": dict.fromkeys((*report.PAGES, *(f"visitor {slug}" for slug in SLUGS)), LINE),
        "costs": {slug: {**COST, **COUNTED} for slug in SLUGS},
        "elsewhere": {
            name: {"ms": 20.0, "sql": 9.0} for name in ("first page", "page at nine tenths", "branch from its middle")
        },
        "writes": {
            name: {"ms": 4.0}
            for name in (
                *("visitor, after a write", "member, after a write"),
                *("text to HTML", "post"),
            )
        },
        "posts": dict.fromkeys(SLUGS, POSTS),
        "memory": {
            name: {"mb": 200.0, "processes": 3.0} for name in ("after reading and posting", "an empty application")
        },
        "followed": {"nobody": {"ms": 2.0}, "many": {"ms": 2.1}},
        "permission": {str(depth): {"open": 0.4, "closed": 0.4 * depth} for depth in (1, 100, CHAIN)},
    }


@pytest.fixture
def found() -> dict[str, Any]:
    """Return a whole run."""
    alone = {"costs": {"tree-100": {**COST, **COUNTED}}, "posts": {"tree-100": POSTS}}
    return {"about": {"Date": "today"}, "alone": alone, "sqlite": measured(), "postgresql": measured()}


def test_every_table_has_its_place_in_the_report(found):
    text = report.REPORT.read_text("utf-8")
    for name, made in report.tables(found).items():
        text = report.fill(text, name, made)
        assert made in text


def test_a_table_takes_the_place_of_the_one_before():
    text = "words\n<!-- a -->\nold\n<!-- end of a -->\nmore words\n"
    assert report.fill(text, "a", "new") == "words\n<!-- a -->\nnew\n<!-- end of a -->\nmore words\n"
    with pytest.raises(ValueError, match="once each"):
        report.fill(text, "b", "new")


def test_all_rows_of_a_table_are_as_wide_as_its_head(found):
    for name, made in report.tables(found).items():
        if name != "about":
            assert len({line.count(" | ") for line in made.splitlines()}) == 1, name


def test_goals_are_told_as_reached_or_not(found):
    table = report.tables(found)["goals"]
    lines = {line.split(" | ")[0].strip("| "): line for line in table.splitlines()}
    assert "≥ 0.40 | 0.50 | ≥ 0.20 | 0.50 |" in lines["visitor, page of 200, gzip / nginx gzip_static"]
    assert "≤ 1 s | 0.90 s |" in lines["start-up"]
    assert "10,000 **not reached**" in lines["the same where the branch is closed"]
    found["postgresql"]["pages"].pop("visitor 200 304")
    assert "| not measured |" in report.tables(found)["goals"]


def test_a_goal_holds_on_its_own_side():
    most = goals.Goal("", 1.2, 1.5, lambda found: None, most=True)
    least = goals.Goal("", 0.4, 0.2, lambda found: None)
    assert [most.is_reached("sqlite", figure) for figure in (1.0, 1.2, 1.3)] == [True, True, False]
    assert [least.is_reached("sqlite", figure) for figure in (0.5, 0.3)] == [True, False]
    assert most.is_reached("postgresql", 1.3)
    assert least.is_reached("postgresql", 0.3)


@pytest.mark.parametrize(
    ("value", "told"),
    [(None, "–"), (27_414.4, "27,414"), (21.38, "21.4"), (0.536, "0.54"), (0.0059, "0.0059"), (5.0, "5"), (0, "0")],
)
def test_a_figure_is_short(value, told):
    assert report.figure(value) == told


def test_the_plot_names_what_it_shows(found):
    drawn = ET.fromstring(plot.draw(found["sqlite"]["costs"]))
    told = [element.text for element in drawn.iter() if element.text]
    assert {"page drawn", "reply", "permalink", "100", "1,000"} <= set(told)
    assert "page drawn, 1,000 comments: 20 ms" in told
    lines = [element for element in drawn.iter() if element.tag.endswith("polyline") and element.get("stroke")]
    assert len(lines) == len(plot.SERIES)


def test_a_line_of_the_plot_is_flat_where_the_cost_is():
    costs = {f"tree-{size}": {"reply": 2.0, "drawn": size / 10} for size in (100, 1000, 10_000)}
    drawn = ET.fromstring(plot.draw(costs))
    lines = [element.get("points") for element in drawn.iter() if element.get("stroke")]
    rising, flat = ([float(point.split(",")[1]) for point in str(points).split()] for points in lines)
    assert len(set(flat)) == 1
    assert rising == sorted(rising, reverse=True)
    assert rising[0] - rising[1] == pytest.approx(rising[1] - rising[2], abs=0.2)


def test_the_flame_graph_stacks_what_was_called_on_what_called_it():
    stacks = Counter({("main", "page"): 60, ("main", "page", "rows<T>"): 30, ("main", "log"): 10})
    drawn = ET.fromstring(flame.flame(stacks, "a & b"))
    boxes = {}
    for group in drawn.iter("{http://www.w3.org/2000/svg}g"):
        title, box = group.find("{*}title"), group.find("{*}rect")
        if title is not None and box is not None:
            boxes[str(title.text)] = (float(box.get("width") or 0), float(box.get("y") or 0))
    assert set(boxes) == {"main: 100.0%", "page: 90.0%", "rows<T>: 30.0%", "log: 10.0%"}
    assert boxes["page: 90.0%"][0] == pytest.approx(flame.WIDTH * 0.9, abs=1)
    assert boxes["main: 100.0%"][1] > boxes["page: 90.0%"][1] > boxes["rows<T>: 30.0%"][1]


def test_a_sample_knows_who_called_whom():
    def busy() -> int:
        return sum(range(20_000))

    stacks = flame.sampled(lambda: busy(), 0.3)
    assert any(stack[-1].endswith("busy") for stack in stacks)


WRK = """Running 1s test @ http://127.0.0.1:1/
  Latency Distribution
     50%  312.00us
     75%    1.01ms
     90%    0.86s
     99%    1.02s
  71 requests in 1.10s, 64.14KB read
  Socket errors: connect 1, read 2, write 0, timeout 4
  Non-2xx or 3xx responses: 5
Requests/sec:     64.45
"""


def test_the_report_of_wrk_is_read():
    found = load.read(WRK)
    assert (found.rate, found.p50, found.p99, found.failed) == (64.45, 0.312, 1020.0, 12)
    assert load.read("Requests/sec: 10.00\n").failed == 0


def test_memory_leaves_out_pages_of_the_database():
    listing = [
        "7f00-7f10 r--s 00000000 fe:00 12  /site/forum.sqlite3-shm\n",
        "Rss:  80 kB\n",
        "Pss:  40 kB\n",
        "7f10-7f20 r-xp 00000000 fe:00 13                         /usr/lib/libc.so.6\n",
        "Pss:  7 kB\n",
        "Pss_Dirty:  3 kB\n",
        "7f20-7f30 rw-p 00000000 00:00 0 \n",
        "Pss:  5 kB\n",
    ]
    assert memory.pss(listing, {"/site/forum.sqlite3-shm"}) == 12 * 1024
