"""Eight people post at once, as fast as they are let: how many a second, and is everything there afterwards?"""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import func, select

from bench import load, trees
from bench.inprocess import newest
from bench.load import CLIENTS, Asked, Load
from bench.running import Running
from bench.site import Planted
from forum import db
from forum.comments.models import Comment
from forum.ledger.models import Entry

SCRIPT = Path(__file__).with_name("post.lua")


@dataclass(frozen=True)
class Posted:
    """What became of the posts to one discussion.

    `made` were answered with the new comment's address, `refused` with anything else; `added` are the rows found
    afterwards. A post under way when the time is up may be among `added` without having been answered.
    """

    load: Load
    made: int
    refused: int
    added: int
    logged: int

    @property
    def lost(self) -> int:
        """Return how many were answered and are not there, or are there and not in the log."""
        return max(0, self.made - self.added) + abs(self.added - self.logged)


def rounds(
    site: Planted, running: Running, slugs: Sequence[str], folder: Path, *, rounds: int, seconds: int
) -> dict[str, Posted]:
    """Post to each discussion for some seconds, all in turn, then again; rates are medians, counts are sums."""
    asked = {slug: read_form(site, running, slug, folder) for slug in slugs}
    loads: dict[str, list[Load]] = {slug: [] for slug in slugs}
    before = {slug: _counts(site, slug) for slug in slugs}
    for _ in range(rounds):
        for slug in slugs:
            loads[slug].append(load.once(asked[slug], seconds=seconds, threads=CLIENTS))
    return {slug: _posted(site, slug, loads[slug], before[slug]) for slug in slugs}


def _posted(site: Planted, slug: str, loads: Sequence[Load], before: tuple[int, int]) -> Posted:
    told = [re.search(r"made (\d+) others (\d+)", found.told) for found in loads]
    rows, entries = _settled(site, slug)
    return Posted(
        load=load.median(loads),
        made=sum(int(found[1]) for found in told if found),
        refused=sum(int(found[2]) for found in told if found),
        added=rows - before[0],
        logged=entries - before[1],
    )


def read_form(site: Planted, running: Running, slug: str, folder: Path) -> Asked:
    recent = ",".join(map(str, newest(site.app, site.articles[slug], trees.RECENT)))
    told = folder / f"{slug}.txt"
    members = [f"{cookie} {quote(csrf)}" for cookie, csrf in zip(site.cookies, site.csrf, strict=True)]
    lines = [slug, quote(trees.bodies()[0]), recent, *members]
    told.write_text("\n".join(lines) + "\n")
    return Asked(running.url("/"), script=(str(SCRIPT), str(told)))


def _settled(site: Planted, slug: str) -> tuple[int, int]:
    """Return the counts once they stay the same: a server may still be at work on what was sent last."""
    found = _counts(site, slug)
    while True:
        time.sleep(0.5)
        again = _counts(site, slug)
        if again == found:
            return found
        found = again


def _counts(site: Planted, slug: str) -> tuple[int, int]:
    """Return the comments of an article, and the acts of posting one there that the log knows."""
    article_id = site.articles[slug]
    with site.app.app_context():
        rows = db.session.scalar(select(func.count()).select_from(Comment).where(Comment.article_id == article_id))
        posts = select(func.count()).select_from(Entry).where(Entry.article_id == article_id)
        entries = db.session.scalar(posts.where(Entry.act == "comment.post"))
        return rows or 0, entries or 0
