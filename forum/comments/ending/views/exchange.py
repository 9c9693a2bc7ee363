"""End an exchange or a whole discussion, take that back, open it again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs

from forum import db, policy, web
from forum.clock import now
from forum.closures import queries as closures
from forum.closures.models import Closure
from forum.comments import queries
from forum.comments.ancestry import Ancestor
from forum.comments.ending import actions, extent
from forum.comments.ending.actions import Ending
from forum.comments.ending.forms import PERIODS, EndForm, ReasonForm
from forum.comments.queries import CommentView
from forum.comments.times import short_time
from forum.comments.views import article_of, blueprint, known_comment, readable_article
from forum.errors import Conflict, Invalid, NotFound
from forum.policy import CommentStatus
from forum.text.words import excerpt


@dataclass(frozen=True)
class Proposal:
    """The proposal of "End this exchange": the run of two, and what each reach would cover."""

    run: list[Ancestor]
    two: bool
    names: list[str]
    start: Ancestor
    covers: dict[int, int]  # for each of the run, how many comments it would cover to begin there
    root_id: int
    thread_covers: int
    took_part: bool
    other: str


@blueprint.route("/articles/<slug>/close", methods=["GET", "POST"])
def close_article(slug: str) -> str | tuple[str, int] | Response:
    """Close the whole discussion of an article."""
    article = readable_article(slug)
    policy.may_close(web.viewer(), article).require()
    form = EndForm(request.form if request.method == "POST" else None)
    if request.method == "GET":
        return web.render("comments/close_article.html", article=article, form=form)
    made = web.attempt(form, lambda: actions.close_article(web.viewer(), article.id, _ending(form)))
    if isinstance(made, Invalid):
        return web.render("comments/close_article.html", article=article, form=form), 422
    return _closed(made, url_for("comments.article", slug=slug), _("This discussion is closed."))


@blueprint.route("/comments/<int:id>/close", methods=["GET", "POST"])
def close_branch(id: int) -> str | tuple[str, int] | Response:
    """End the exchange in which a comment stands."""
    comment = known_comment(id)
    policy.may_close(web.viewer(), comment.article).require()
    proposal = _proposal(comment)
    form = EndForm(request.form if request.method == "POST" else None)
    _choices(form, proposal)
    if request.method == "GET":
        form.reach.data = "two" if proposal.two else "branch"
        form.start.data, form.once.data = str(proposal.start.id), proposal.took_part
        return _form_page(comment, proposal, form)
    try:
        web.checked(form)
        made = actions.close_branch(web.viewer(), id, _ending(form, proposal))
        db.commit()
    except (Invalid, Conflict) as error:
        db.rollback()
        web.show_errors(form, error)
        words = error.words if isinstance(error, Conflict) else ""
        return _form_page(comment, proposal, form, words), error.status
    return _closed(made, url_for("comments.permalink", id=made.at_id or id), _("This exchange has ended."))


@blueprint.route("/closures/<int:id>/reopen", methods=["GET", "POST"])
def reopen(id: int) -> str | Response:
    """Open again what a closure ended."""
    closure = closures.closure(id, now())
    if closure is None:
        raise NotFound()
    article = readable_article(closure.article_slug)
    policy.may_change_closure(web.viewer(), article, closure).require()
    form = ReasonForm(request.form)
    if request.method == "GET":
        return web.render("closures/reopen.html", closure=closure, article=article, form=form)
    actions.reopen(web.viewer(), id, web.checked(form).reason.data or "")
    db.commit()
    web.say(_("It is open again."))
    return web.other_page(_place_of(closure.at_id or closure.branch_id, article.slug))


@blueprint.post("/closures/<int:id>/undo")
def undo_closure(id: int) -> Response:
    """Take a closure back without trace."""
    closure = closures.closure(id, now())
    if closure is None:
        raise NotFound()
    readable_article(closure.article_slug)
    actions.undo(web.viewer(), id)
    db.commit()
    web.say(_("Taken back: it is as if it had not been closed."))
    return web.other_page(_place_of(closure.at_id or closure.branch_id, closure.article_slug))


def _proposal(comment: CommentView) -> Proposal:
    run, people = actions.run_of_two(comment.id)
    actor = web.viewer().id
    names = list(dict.fromkeys(step.name for step in run))
    other = next((step.name for step in run if step.author_id != actor), "")
    start = run[-1]
    return Proposal(
        run=run,
        two=len(people) == 2,
        names=names,
        start=start,
        covers=extent.below([step.id for step in run]),
        root_id=comment.root_id,
        thread_covers=extent.below([comment.root_id])[comment.root_id],
        took_part=actor in people,
        other=other,
    )


def _choices(form: EndForm, proposal: Proposal) -> None:
    found = queries.many([step.id for step in proposal.run])
    form.start.choices = [SelectChoice(str(step.id), _described(found[step.id], proposal)) for step in proposal.run]


def _described(step: CommentView, proposal: Proposal) -> str:
    """Return what tells one comment to begin at from another: who, when, first words, how many it would cover."""
    count = proposal.covers[step.id]
    said = excerpt(step.html, 40) if step.status == CommentStatus.PUBLISHED else _("gone")
    parts = [
        _("%(name)s, %(time)s", name=step.name, time=short_time(step.created_at)),
        f"“{said}”" if step.status == CommentStatus.PUBLISHED else said,
        ngettext("%(num)s comment", "%(num)s comments", count),
    ]
    return " · ".join([*parts, _("proposed")] if step.id == proposal.start.id else parts)


def _ending(form: EndForm, proposal: Proposal | None = None) -> Ending:
    days = int(form.period.data) if form.period.data in {choice.value for choice in PERIODS[1:]} else 0
    people, start = form.people.data or "", None
    if proposal is not None and not people and form.reach.data:
        people, start = _reach(form, proposal)
    return Ending(
        words=form.words.data or "",
        people=people or "all",
        start_id=start if people == "all" else None,
        until=form.moment() or (now() + timedelta(days=days) if days else None),
        reply=form.reply.data or "",
        staff_may=bool(form.staff_may.data),
        once=bool(form.once.data),
        note=form.note.data or "",
        key=form.key.data or "",
    )


def _reach(form: EndForm, proposal: Proposal) -> tuple[str, int | None]:
    """Return for whom and from where on it ends, as chosen in the form. Raises Invalid for what it does not offer."""
    starts, proposed = {str(step.id): step.id for step in proposal.run}, str(proposal.start.id)
    if form.reach.data in ("two", "thread") and (form.start.data or proposed) != proposed:
        raise Invalid(
            {
                "start": _(
                    "You chose another comment to begin at, but that belongs to “Everybody, from one comment down”. "
                    "Choose that, or choose the proposed comment again."
                )
            }
        )
    if form.reach.data == "two":
        return "two", None
    if form.reach.data == "thread":
        return "all", proposal.root_id
    if form.reach.data != "branch":
        raise Invalid({"reach": _("Choose for whom it ends.")})
    if (start := form.start.data or proposed) not in starts:
        raise Invalid({"start": _("That comment is not above the one this exchange is to end at.")})
    return "all", starts[start]


def _closed(made: Closure, address: str, message: str) -> Response:
    web.say(message, undo=url_for("comments.undo_closure", id=made.id))
    return web.other_page(address)


def _form_page(comment: CommentView, proposal: Proposal, form: EndForm, words: str = "") -> str:
    shown: dict[str, Any] = {
        "comment": comment,
        "article": article_of(comment),
        "proposal": proposal,
        "form": form,
        "words": words,
    }
    return web.render("comments/close.html", **shown)


def _place_of(comment_id: int | None, slug: str) -> str:
    if comment_id is None:
        return url_for("comments.article", slug=slug)
    return url_for("comments.permalink", id=comment_id)
