"""Run the forum, WordPress, Isso and nginx one after the other, and write the tables of docs/peers.md.

make bench-peers                                    trees of 100, 1,000 and 10,000 comments
PEER_SIZES=100,1000,10000,100000 make bench-peers   other sizes; 1,000 must be among them
ROUNDS=1 SECONDS=1 make bench-peers                 a quick look
"""

from __future__ import annotations

import os
import signal
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from bench import running
from bench.peers import isso, ours, pages, tables, wordpress
from bench.peers.starting import nginx
from bench.peers.tables import Figures

SIZES = [int(size) for size in os.environ.get("PEER_SIZES", "100,1000,10000").split(",")]


def main() -> None:
    """Measure everything in one run and write it down."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the servers are ended too
    figures = Figures(SIZES, versions=tables.installed())
    with tempfile.TemporaryDirectory(prefix="peers-") as name:
        folder = Path(name)
        with nginx(folder) as (ready, wordpress_port):
            _ours(folder, ready, figures)
            _wordpress(folder, wordpress_port, figures)
        figures.versions |= isso.install(folder)
        _isso(folder, figures)
    tables.write(figures)


def _ours(folder: Path, port: int, figures: Figures) -> None:
    with ours.serving(folder, SIZES) as forum:
        whole = forum.whole(1000)
        running.publish(folder, "page", pages.ask(whole).sent)
        fast = {
            tables.NGINX: f"http://127.0.0.1:{port}/page.html",
            tables.WHOLE: whole,
            tables.FORUM: forum.address(1000),
        }
        _page(figures, tables.NGINX, 1000, fast[tables.NGINX], ours.shown, 1000, loaded=False)
        _page(figures, tables.WHOLE, 1000, whole, ours.shown, 1000, loaded=False)
        for size in SIZES:
            _page(figures, tables.FORUM, size, forum.address(size), ours.shown, None, loaded=False)
        for label, rate in pages.rates(fast).items():
            figures.pages[label, 1000] = replace(figures.pages[label, 1000], rate=rate)
            print(f"{label}, 1,000: {rate:,.0f} requests/s", flush=True)
        for size in SIZES:
            _posting(figures, tables.FORUM, size, forum.poster(size), forum.address(size))


def _wordpress(folder: Path, port: int, figures: Figures) -> None:
    with wordpress.serving(folder, port, SIZES) as peer:
        peer.theme(wordpress.CLASSIC, paged=True)
        address = peer.address(1000) + "&cpage=1"  # the newest page may have one thread only
        _page(figures, tables.PAGED, 1000, address, wordpress.shown, None)
        for label, theme in ((tables.BLOCKS, wordpress.BLOCKS), (tables.CLASSIC, wordpress.CLASSIC)):
            peer.theme(theme)
            for size in SIZES:
                _page(figures, label, size, peer.address(size), wordpress.shown, size)
        for size in SIZES:
            _posting(figures, tables.CLASSIC, size, peer.poster(size), peer.address(size))


def _isso(folder: Path, figures: Figures) -> None:
    five = "&nested_limit=5"  # what its script asks for first
    for size in SIZES:
        with isso.serving(folder, size, gunicorn=False) as peer:
            _page(figures, tables.ISSO, size, peer.address(), isso.shown, size)
        with isso.serving(folder, size, gunicorn=True) as peer:
            _page(figures, tables.GUNICORN, size, peer.address(), isso.shown, size)
        with isso.serving(folder, size, gunicorn=True) as peer:
            _page(figures, tables.FIVE, size, peer.address(five), isso.shown, None)
        with isso.serving(folder, size, gunicorn=True) as peer:
            _posting(figures, tables.FIVE, size, peer.poster(), peer.address(five))


def _page(
    figures: Figures,
    label: str,
    size: int,
    address: str,
    shown: Callable[[bytes], int],
    expected: int | None,
    *,
    loaded: bool = True,
) -> None:
    smaller = [figures.pages.get((label, other)) for other in SIZES if other < size]
    if smaller and smaller[-1] and (smaller[-1].alone or 0) > pages.TOO_SLOW:
        page = pages.Page(None, wrong="not tried")
    else:
        page = pages.page(address, shown, expected, loaded=loaded and size == 1000)
    figures.pages[label, size] = page
    print(f"{label}, {size:,}: {page}", flush=True)


def _posting(figures: Figures, label: str, size: int, post: Callable[[int], None], address: str) -> None:
    works = not figures.pages[label, size].wrong
    posting = pages.posting(post, address if works else "")
    figures.postings[label, size] = posting
    print(f"{label}, {size:,}: {posting}", flush=True)


if __name__ == "__main__":
    main()
