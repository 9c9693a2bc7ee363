"""Write what was measured between the markers of docs/peers.md."""

from __future__ import annotations

import os
import platform
import subprocess
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from bench.load import CLIENTS, ROUNDS, SECONDS
from bench.peers.pages import Page, Posting

DOCUMENT = Path(__file__).parents[2] / "docs" / "peers.md"
BEGIN, END = "<!-- figures: written by make bench-peers -->\n", "<!-- end of figures -->\n"
NGINX = "nginx, our page of 1,000 as a ready gzip file"
WHOLE = "the forum, all on one page"
FORUM = "the forum, `forum serve`: at most 200 a page"
CLASSIC = "WordPress, Twenty Twenty-One (classic)"
PAGED = "WordPress, the same, 50 threads a page"
BLOCKS = "WordPress, Twenty Twenty-Three (blocks)"
ISSO = "Isso, `isso run`, all comments"
GUNICORN = "Isso, gunicorn, all comments"
FIVE = "Isso, gunicorn, 5 replies a thread"


@dataclass
class Figures:
    """Hold what was measured, by label and size of the tree."""

    sizes: list[int]
    pages: dict[tuple[str, int], Page] = field(default_factory=dict)
    postings: dict[tuple[str, int], Posting] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)


def write(figures: Figures) -> None:
    """Replace the tables in the document."""
    text = DOCUMENT.read_text()
    before, rest = text.split(BEGIN)
    after = rest.split(END)[1]
    parts = [_about(figures), _rates(figures), _times(figures), _posts(figures)]
    DOCUMENT.write_text(before + BEGIN + "\n" + "\n".join(parts) + "\n" + END + after)


def _about(figures: Figures) -> str:
    today = datetime.now(UTC).date()
    programs = ", ".join(f"{name} {number}" for name, number in figures.versions.items())
    return (
        f"Run on {today}: {os.cpu_count()} cores, {platform.system()} {platform.machine()}, Python"
        f" {platform.python_version()}; {programs}. Medians of {ROUNDS} rounds; requests/s with {CLIENTS} connections"
        f" from the same cores: nginx and the forum by wrk, in turns of {SECONDS} s, the peers by {CLIENTS} clients who"
        f" ask a fixed number of times. Load average of the last 15 minutes at the end: {os.getloadavg()[2]:.1f}.\n"
    )


def _rates(figures: Figures) -> str:
    """Return the table of the page of 1,000 comments.

    A ratio to a peer takes what it could do at most, with every core at work on nothing but its page.
    """
    lines = [
        "| of 1,000 comments | shown | kB sent | one, ms | requests/s | at most | of nginx | × classic WordPress |"
    ]
    lines.append("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    base, wordpress = figures.pages[NGINX, 1000].rate, _most(CLASSIC, figures.pages[CLASSIC, 1000])
    for (label, size), page in figures.pages.items():
        if size == 1000:
            most = _most(label, page)
            told = [f"{page.count:,}", f"{page.size / 1000:.0f}", _milliseconds(page.alone), _number(page.rate)]
            told += ["" if most == page.rate else _number(most), _ratio(most, base), _ratio(most, wordpress)]
            lines.append(f"| {label} | {' | '.join(told)} |")
    return "\n".join(lines) + "\n"


def _most(label: str, page: Page) -> float | None:
    """Return the requests/s every core could give together; nginx and the forum are taken as they were measured."""
    if label in (NGINX, WHOLE, FORUM) or page.alone is None:
        return page.rate
    return max(page.rate or 0.0, (os.cpu_count() or 1) / page.alone)


def _times(figures: Figures) -> str:
    """Return the table of one page against the size of the tree."""
    lines = [_heads("one page at a time, ms", figures.sizes)]
    for label in (FORUM, CLASSIC, BLOCKS, ISSO, GUNICORN, FIVE):
        cells = (figures.pages.get((label, size)) for size in figures.sizes)
        lines.append(f"| {label} | {' | '.join(_cell(page) for page in cells)} |")
    return "\n".join(lines) + "\n"


def _posts(figures: Figures) -> str:
    """Return the table of accepting a comment and of the page after it."""
    lines = [_heads("to accept a comment, ms / the first page after it, ms", figures.sizes)]
    for label in dict.fromkeys(label for label, _ in figures.postings):
        cells = []
        for size in figures.sizes:
            posting = figures.postings[label, size]
            cells.append(f"{posting.accept * 1000:,.1f} / {_milliseconds(posting.first)}")
        lines.append(f"| {label} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _heads(title: str, sizes: list[int]) -> str:
    heads = " | ".join(f"{size:,}" for size in sizes)
    return f"| {title} | {heads} |\n| --- |{' ---: |' * len(sizes)}"


def _cell(page: Page | None) -> str:
    return "" if page is None else page.wrong or _milliseconds(page.alone)


def _milliseconds(seconds: float | None) -> str:
    if seconds is None:
        return ""
    return f"{seconds * 1000:,.0f}" if seconds > 0.1 else f"{seconds * 1000:.1f}"


def _number(rate: float | None) -> str:
    return "" if rate is None else f"{rate:,.0f}" if rate >= 100 else f"{rate:.2f}"


def _ratio(rate: float | None, base: float | None) -> str:
    if not rate or not base:
        return ""
    ratio = rate / base
    return f"{ratio:,.0f}" if ratio >= 10 else f"{ratio:.2f}" if ratio >= 0.01 else f"1/{1 / ratio:,.0f}"


def installed() -> dict[str, str]:
    """Return the versions of the Debian packages and of our server."""
    names = ["wordpress", "php8.2-fpm", "mariadb-server-core", "nginx-light"]
    found = subprocess.run(
        ["dpkg-query", "-W", "-f", "${Package} ${Version}\n", *names], capture_output=True, text=True
    ).stdout
    return dict(line.split(" ", 1) for line in found.splitlines()) | {"granian": version("granian")}
