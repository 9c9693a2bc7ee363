"""Make what a page shows of a discussion: rows with their places, who answers whom in words, and closing words.

Nothing here depends on who looks, except `everything`: the variant for those who moderate under the article.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from itertools import chain
from typing import Any, Protocol

from flask_babel import gettext as _

from forum import policy
from forum.articles.queries import ArticleView, Heading
from forum.closures import shown as shown_closures
from forum.closures.queries import ClosureView
from forum.comments import ancestry
from forum.comments.moving import moved
from forum.comments.moving.moved import Trace, Traces
from forum.comments.reading import closings, page_rows, pages, traces
from forum.comments.reading.page_rows import Read, Root
from forum.comments.reading.pages import Pages
from forum.comments.reading.row import Answer, Replying, Row
from forum.comments.reading.sides import sides
from forum.comments.reading.traces import Removed
from forum.comments.tree import Above, Place, places
from forum.policy import CommentStatus, Role
from forum.text import rendering
from forum.text.words import excerpt

DRAWN_LEVELS = 4  # where the drawing stops stepping in; below, the "replying to" line carries the structure
SCREEN = 1000  # characters of HTML that a phone shows at once, so that an answered comment need not be quoted
HEAD = 160  # characters whose room a comment takes beside its text: name, time, links

# Why the text of a comment is gone, in the words templates know; looked up by the hundred, so without a condition.
_FRAMES: dict[str, str] = {
    **dict.fromkeys(CommentStatus, "removed"),
    CommentStatus.PUBLISHED: "",
    CommentStatus.WITHDRAWN: "deleted",
    CommentStatus.HELD: "waiting",
}


class Written(Protocol):
    """An article, as far as its rows care: who wrote it."""

    @property
    def author_id(self) -> int: ...


@dataclass(frozen=True)
class Thread:
    """One numbered thread, as far as the page shows it.

    It holds what was read and nothing else, so two that are equal look alike; `rows` works out what the page shows.
    """

    root: Root
    read: tuple[Read, ...]
    parents: tuple[Read, ...]  # answered rows that are not on the page
    closures: tuple[ClosureView, ...]
    author_id: int  # the article's
    everything: bool
    removed: tuple[tuple[int, tuple[Removed, ...]], ...] = ()  # by the row below which it was
    moves: Traces = moved.NONE

    @property
    def more(self) -> int:
        """Return how many of its rows the page does not show."""
        return max(0, self.root.size - self.root.shown)

    @property
    def last_id(self) -> int:
        """Return the last row the page shows."""
        return self.read[-1].id

    @cached_property
    def rows(self) -> list[Row]:
        """Return its rows as the page shows them."""
        parents = {row.id: row for row in self.parents}
        rows = rows_of(self, self.read, parents, list(self.closures), cut=self.more > 0, everything=self.everything)
        return _with_moves(_with_traces(rows, dict(self.removed)), self.moves)


@dataclass(frozen=True)
class ThreadPage:
    """One page of an article's discussion."""

    threads: list[Thread]
    newest: bool
    earlier_id: int | None
    later_id: int | None
    closed: ClosureView | None  # the whole article's
    coming: tuple[ClosureView, ...]  # those of the whole article that are announced
    closures: tuple[ClosureView, ...]  # all that are in force or announced under the article
    until: datetime | None  # when the clock changes this page: the next beginning or end of a closure
    removed: tuple[Removed, ...]  # threads that were removed as a whole, told where the discussion ends
    went: tuple[Trace, ...]  # threads that were moved away, told at its head
    pages: Pages | None  # which page of how many this is; None where there is only one


@dataclass(frozen=True)
class BranchPage:
    """One page of a branch: rows from `first` on, the ancestors of that row in one line, what follows.

    `above` are closures of branches in which all of the page stands, whose words are on another page.
    """

    number: int | None
    rows: list[Row]
    ancestors: list[ancestry.Ancestor]
    continues_id: int | None
    closed: ClosureView | None
    coming: tuple[ClosureView, ...]
    until: datetime | None
    closures: tuple[ClosureView, ...]  # all that are in force or announced under the article
    above: tuple[ClosureView, ...]


def article_page(article: ArticleView, *, newest: bool, from_id: int | None, everything: bool) -> ThreadPage:
    """Return one page of an article's threads, beginning with the thread `from_id` or the first.

    Raises NotFound where `from_id` begins no thread of this article.
    """
    chosen = page_rows.choose_threads(article, newest, from_id, everything)
    counted = pages.pages(article.id, chosen, newest=newest, everything=everything)
    rows = page_rows.thread_rows(article.id, chosen.roots, everything)
    parents = tuple(page_rows.parents_of(chain.from_iterable(rows.values())).values())
    closures = tuple(closings.shown(article.id))
    ids = {row.id for row in chain.from_iterable(rows.values())}
    roots = [root.id for root in chosen.roots]
    # Staff see the rows themselves.
    removed = {} if everything else traces.removed(article.id, roots, is_end=chosen.later_id is None)
    moves, (went, later) = moved.of_rows(article.id, ids), moved.of_article(article.id)
    shared = parents, closures, article.author_id, everything
    threads = [
        Thread(root, read, *shared, _of(read, removed), moves.among({row.id for row in read}))
        for root in chosen.roots
        if (read := tuple(rows.get(root.id, ())))
    ]
    around = chosen.earlier_id, chosen.later_id
    told = shown_closures.whole(closures), shown_closures.coming(closures)
    at_the_end = removed.get(traces.OF_ARTICLE, ())
    until = _earliest(closings.until(closures), moves.until, later)
    return ThreadPage(threads, newest, *around, *told, closures, until, at_the_end, went, counted)


def branch_page(article: Heading, top: Any, first: Any, *, everything: bool) -> BranchPage:
    """Return 200 rows of a branch from a row on; `top` and `first` are comments of one thread."""
    closures = closings.shown(article.id)
    branches = [closure.branch_id for closure in closures if closure.branch_id and not closure.coming]
    rows, more = page_rows.branch_rows(top, first, everything)
    above, closed = ancestry.above(first.id, top.id, branches)
    closed |= ancestry.among_ancestors(top.id, branches)
    shown = rows_of(
        article, rows, page_rows.parents_of(rows), closures, above=above, closed=closed, cut=more, everything=everything
    )
    if not everything:
        shown = _with_traces(shown, traces.removed(article.id, [top.root_id], is_end=False))
    moves = moved.of_rows(article.id, {row.id for row in rows})
    ancestors = ancestry.line(first.id, most=4)[1:]
    here = {row.id for row in rows}
    further_up = [
        closure
        for closure in closures
        if not closure.for_two and not closure.coming and closure.branch_id in closed - here
    ]
    return BranchPage(
        None,
        _with_moves(shown, moves),
        ancestors,
        rows[-1].id if more else None,
        shown_closures.whole(closures),
        shown_closures.coming(closures),
        _earliest(closings.until(closures), moves.until),
        tuple(closures),
        tuple(further_up),
    )


def rows_of(
    article: Written,
    rows: Sequence[Any],
    parents: dict[int, Any],
    closures: list[ClosureView],
    *,
    above: Sequence[Above] = (),
    closed: Collection[int] = (),
    cut: bool = False,
    everything: bool = False,
) -> list[Row]:
    """Return a thread's or branch's rows as the page shows them.

    `parents` are answered rows that are not on the page, `closed` the branches closed above the first row;
    `everything` adds the texts that only those who moderate here may read.
    """
    found = places([page_rows.node(row) for row in rows], above, cut=cut)
    known = {**parents, **{row.id: row for row in rows}}
    tops = _tops(rows)
    covered = closings.covered(rows, closures, bool(closed))
    answers, beside = _answers(rows, found), sides(rows, found)
    made = []
    for row, place in zip(rows, found, strict=True):
        replying, side = _replying(row, place, known, tops), beside.get(row.id, "")
        made.append(_row(article, row, place, replying, covered=row.id in covered, answers=answers, side=side))
    if everything:
        made = [_for_staff(article, row, read) for row, read in zip(made, rows, strict=True)]
    return _with_words(made, rows, found, closures)


def _row(
    article: Written,
    row: Any,
    place: Place,
    replying: Replying | None,
    *,
    covered: bool,
    answers: dict[int, list[Answer]],
    side: str,
) -> Row:
    frame = frame_of(row.status)
    named = not frame
    return Row(
        id=row.id,
        parent_id=row.parent_id,
        level=place.level,
        shape=_shape(row, place),
        name=name_of(row) if named else "",
        username=row.username if named else None,
        guest=row.author_id is None and named,
        badge=_badge(article, row) if named else "",
        html=rendering.stored(row.html) if named else rendering.stored(""),
        frame=frame,
        rule=row.rule or "",
        state=row.status if row.status not in (CommentStatus.PUBLISHED, CommentStatus.ERASED) else "",
        created_at=row.created_at,
        edited_at=row.edited_at if policy.shows_edited(row) else None,
        replying=replying,
        answers=tuple(answers.get(row.id, ())),
        reply_count=row.reply_count,
        closed=covered,
        side=side,
    )


def _for_staff(article: Written, made: Row, row: Any) -> Row:
    """Add what only those who moderate here see: the texts of frames (not sealed ones), and who waits for them."""
    if row.status == CommentStatus.HELD:
        named = {"name": name_of(row), "username": row.username, "guest": row.author_id is None}
        return made._replace(frame="", badge=_badge(article, row), html=rendering.stored(row.html), **named)
    if row.status in (CommentStatus.HIDDEN, CommentStatus.WITHDRAWN, CommentStatus.SPAM):
        return made._replace(html=rendering.stored(row.html))
    return made


def _shape(row: Any, place: Place) -> str:
    """Return the classes that draw the line: down to replies, from the side or from above, past other rows (far)."""
    names = ["has-replies"] if row.reply_count else []
    if row.parent_id is not None:
        names.append("inline" if place.last else "aside")
        if not place.near:
            names.append("far")
    if place.level > DRAWN_LEVELS:
        names.append("flat")
    return " ".join(names)


def _replying(row: Any, place: Place, known: dict[int, Any], tops: dict[int, int]) -> Replying | None:
    parent = known.get(row.parent_id) if row.parent_id else None
    if parent is None:
        return None
    name = "" if frame_of(parent.status) else name_of(parent)
    nth = place.nth if place.of > 1 else 0
    if place.near:
        return Replying(parent.id, name, None, "", before_above=False, nth=nth)
    if not name:
        quoted = _("a comment that is gone")
    else:
        seen = parent.id in tops and tops[row.id] - tops[parent.id] <= SCREEN
        quoted = "" if seen else excerpt(parent.html)
    return Replying(parent.id, name, parent.created_at, quoted, place.before_above, nth)


def _tops(rows: Sequence[Any]) -> dict[int, int]:
    """Return how far down the page each row begins, in characters."""
    tops: dict[int, int] = {}
    top = 0
    for row in rows:
        tops[row.id] = top
        top += HEAD + len(row.html)
    return tops


def _answers(rows: Sequence[Any], found: Sequence[Place]) -> dict[int, list[Answer]]:
    """Return, for every comment with several replies on this page, the list of them."""
    listed: dict[int, list[Answer]] = {}
    for row, place in zip(rows, found, strict=True):
        if row.parent_id is not None and place.of > 1:
            name = "" if frame_of(row.status) else name_of(row)
            size = place.size if place.whole else None
            listed.setdefault(row.parent_id, []).append(Answer(row.id, name, row.created_at, size))
    return listed


def _with_words(rows: list[Row], read: Sequence[Any], found: Sequence[Place], closures: list[ClosureView]) -> list[Row]:
    """Put closing words in place: a branch's below its last row here, those of two people below their last letter.

    The first row of a closed branch says so, too, unless the words stand directly below it.
    """
    index = {row.id: number for number, row in enumerate(rows)}
    made = list(rows)
    if shown_closures.whole(closures):
        closures = [replace(closure, rest_open=False) for closure in closures]
    for closure in closures:
        anchor = closure.at_id if closure.for_two else closure.branch_id
        if anchor is None or anchor not in index:
            continue
        at = index[anchor]
        if closure.for_two:
            last = closings.last_letter(closure, read, at, found[at].size)
            made[last] = made[last]._replace(closures=(*made[last].closures, closure))
        else:
            last = at + found[at].size - 1
            made[last] = made[last]._replace(ending=(*made[last].ending, (rows[at].level, closure)))
            if last > at and not closure.coming:
                made[at] = made[at]._replace(begins=(*made[at].begins, closure.id))
    return made


def _of(rows: Sequence[Read], removed: Mapping[int, tuple[Removed, ...]]) -> tuple[tuple[int, Any], ...]:
    """Return what was removed below the rows of one thread."""
    return tuple((row.id, removed[row.id]) for row in rows if row.id in removed)


def _with_traces(rows: list[Row], removed: Mapping[int, tuple[Removed, ...]]) -> list[Row]:
    return [row._replace(removed=removed[row.id]) if row.id in removed else row for row in rows]


def _with_moves(rows: list[Row], moves: Traces) -> list[Row]:
    if not moves.came and not moves.went:
        return rows
    return [row._replace(came=moves.came.get(row.id), went=moves.went.get(row.id, ())) for row in rows]


def _earliest(*moments: datetime | None) -> datetime | None:
    return min((moment for moment in moments if moment is not None), default=None)


def name_of(row: Any) -> str:
    """Return the name of the writer of a row whose text is shown."""
    return str(row.display_name or row.guest_name or _("Somebody"))


def frame_of(status: str) -> str:
    """Return why the text of a comment is gone, empty where it is shown."""
    return _FRAMES[status]


def _badge(article: Written, row: Any) -> str:
    if row.author_id is not None and row.author_id == article.author_id:
        return "author"
    return "staff" if row.role in (Role.MODERATOR, Role.ADMIN) else ""
