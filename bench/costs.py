"""What each act costs the forum itself, against the size of the discussion: a table of milliseconds and statements."""

from __future__ import annotations

import random
from collections.abc import Callable

from sqlalchemy import select

from bench import trees
from bench.inprocess import BODY, Reader, Writer, count, newest, repeated, times
from bench.load import QUICK
from bench.site import CHAIN, Planted, size
from forum import db
from forum.articles.models import Article
from forum.comments import menu
from forum.comments.ending import actions as closing
from forum.comments.models import Comment
from forum.people.queries import viewer_of
from forum.site.queries import site as site_settings
from forum.text import rendering

OFTEN = 200  # kept pages are too fast to be timed once
SAMPLES = 5 if QUICK else 25
DEPTHS = (1, 100, CHAIN)
Figures = dict[str, dict[str, float]]


def by_size(site: Planted) -> Figures:
    """Return, for each discussion, what a reader and a writer cost: ms, and statements as `..._sql`."""
    found: Figures = {slug: {} for slug in site.articles}
    visitor, member, writer = Reader(site.app), Reader(site.app, site.cookies[1]), Writer(site.app, site.people[1])
    pages = {slug: f"/articles/{slug}" for slug in site.articles}
    links = {slug: f"/comments/{newest(site.app, id)[0]}" for slug, id in site.articles.items()}
    replies = {slug: _reply(site, writer, slug) for slug in site.articles}
    stale = {slug: _touch(writer, id) for slug, id in site.articles.items()}
    _note(found, "kept", site, _each(visitor, pages, OFTEN), OFTEN)
    _note(found, "member", site, _each(member, pages, 10), 10)
    _note(found, "drawn", site, _each(visitor, pages), before=stale)
    _note(found, "permalink", site, _each(visitor, links))
    _note(found, "reply", site, replies)
    for slug, article_id in site.articles.items():
        ask = _each(visitor, pages)[slug]
        found[slug] |= {
            "kept_sql": count(site.app, ask),
            "member_sql": count(site.app, _each(member, pages)[slug]),
            "drawn_sql": count(site.app, ask, before=_touch(writer, article_id)),
            "permalink_sql": count(site.app, _each(visitor, links)[slug]),
            "reply_sql": count(site.app, replies[slug]),
        }
    return found


def elsewhere(site: Planted) -> Figures:
    """Return what a page far back in the largest tree, and a branch of the chain, cost to draw."""
    largest = site.trees[-1]
    visitor, writer = Reader(site.app), Writer(site.app, site.people[1])
    late = _thread_at(site, largest, 0.9)
    branch = _deep(site)
    asked = {
        "first page": (f"/articles/{largest}", largest),
        "page at nine tenths": (f"/articles/{largest}?from={late}", largest),
    }
    if branch:
        slug, top = branch
        asked["branch"] = (f"/comments/{top}/branch", slug)
        asked["branch from its middle"] = (f"/comments/{top}/branch?from={top + size(slug) // 2}", slug)
    acts = {label: _get(visitor, path) for label, (path, _) in asked.items()}
    stale = {label: _touch(writer, site.articles[slug]) for label, (_, slug) in asked.items()}
    found = {label: {"ms": ms} for label, ms in times(acts, SAMPLES, stale).items()}
    for label, act in acts.items():
        found[label]["sql"] = count(site.app, act, before=stale[label])
    return found


def around_a_write(site: Planted, slug: str) -> Figures:
    """Return what the first reader after a new comment on their page waits for, and what the page costs otherwise."""
    article_id = site.articles[slug]
    visitor, member, writer = Reader(site.app), Reader(site.app, site.cookies[1]), Writer(site.app, site.people[2])
    path, top = f"/articles/{slug}", _thread_at(site, slug, 0.0)
    shown, dice = _first(site, article_id), random.Random(4)

    def post() -> None:
        writer.post(article_id, dice.choice(shown))

    def crowd() -> None:
        writer.post(article_id, top)

    get, ask = _get(visitor, path), _get(member, path)
    writes = {"visitor, after a write": post, "member, after a write": post, "visitor, after one more of many": crowd}
    acts = {"visitor, after a write": get, "member, after a write": ask, "visitor, after one more of many": get}
    found = {label: {"ms": ms} for label, ms in times(acts, SAMPLES * 2, writes).items()}
    found["text to HTML"] = {"ms": times({"": repeated(lambda: rendering.render(BODY), 10)}, SAMPLES)[""] / 10}
    found["post"] = {"ms": times({"": post}, SAMPLES * 2)[""]}
    return found


def permission(site: Planted) -> Figures:
    """Return what it takes to tell whether somebody may reply, by depth; then again with the whole branch closed.

    The closing stays, so this comes last of all that is measured.
    """
    chain = f"chain-{CHAIN}"
    with site.app.app_context():
        article_id = site.articles[chain]
        at = dict(
            db.session.execute(
                select(Comment.depth + 1, Comment.id)
                .where(Comment.article_id == article_id, Comment.depth.in_([depth - 1 for depth in DEPTHS]))
                .order_by(Comment.id.desc())
            ).all()
        )
        acts = {str(depth): _may(site, article_id, at[depth]) for depth in DEPTHS}
        found = {depth: {"open": ms / 10} for depth, ms in times(acts, SAMPLES).items()}
        author = viewer_of(site.people[0])
        assert author is not None
        closing.close_branch(author, at[1], closing.Ending(words="Enough.", start_id=at[1]))
        db.commit()
        for depth, ms in times(acts, SAMPLES).items():
            found[depth]["closed"] = ms / 10
        db.session.remove()
    return found


def _may(site: Planted, article_id: int, comment_id: int) -> Callable[[], None]:
    actor = viewer_of(site.people[1])
    assert actor is not None
    settings = site_settings()

    def ask() -> None:
        db.session.expire_all()
        menu.box(actor, settings, article_id, comment_id)

    return repeated(ask, 10)


def _note(
    found: Figures,
    name: str,
    site: Planted,
    acts: dict[str, Callable[[], object]],
    often: int = 1,
    before: dict[str, Callable[[], object]] | None = None,
) -> None:
    for slug, ms in times(acts, SAMPLES, before).items():
        found[slug][name] = ms / often


def _each(reader: Reader, paths: dict[str, str], often: int = 1) -> dict[str, Callable[[], object]]:
    return {slug: repeated(_get(reader, path), often) for slug, path in paths.items()}


def _get(reader: Reader, path: str) -> Callable[[], object]:
    return lambda: reader.get(path)


def _touch(writer: Writer, article_id: int) -> Callable[[], object]:
    return lambda: writer.touch(article_id)


def _reply(site: Planted, writer: Writer, slug: str) -> Callable[[], object]:
    """Return an act that answers one of the fifty newest comments, as the trees were grown."""
    recent, dice = newest(site.app, site.articles[slug], trees.RECENT), random.Random(3)

    def reply() -> None:
        recent.append(writer.post(site.articles[slug], dice.choice(recent[-trees.RECENT :])))

    return reply


def _thread_at(site: Planted, slug: str, share: float) -> int:
    """Return the first comment of the thread that stands so far back in a discussion."""
    with site.app.app_context():
        of = select(Comment.id).where(Comment.article_id == site.articles[slug], Comment.parent_id.is_(None))
        threads = db.session.get_one(Article, site.articles[slug]).thread_count
        return db.session.scalars(
            of.order_by(Comment.created_at, Comment.id).offset(int(share * threads)).limit(1)
        ).one()


def _first(site: Planted, article_id: int) -> list[int]:
    """Return comments that stand on a discussion's first page."""
    with site.app.app_context():
        query = select(Comment.id).where(Comment.article_id == article_id)
        return list(db.session.scalars(query.order_by(Comment.created_at, Comment.id).limit(100)))


def _deep(site: Planted) -> tuple[str, int] | None:
    slug = next((slug for slug in site.articles if slug.startswith("chain")), None)
    return (slug, _thread_at(site, slug, 0.0)) if slug else None
