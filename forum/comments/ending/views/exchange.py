"""End an exchange."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs

from forum import db, policy, web
from forum.comments import queries
from forum.comments.ancestry import Ancestor
from forum.comments.ending import actions, extent
from forum.comments.ending.forms import EndForm
from forum.comments.ending.views.asked import closed, requested
from forum.comments.queries import CommentView
from forum.comments.times import short_time
from forum.comments.views import article_of, blueprint, known_comment
from forum.errors import Conflict, Invalid
from forum.people.queries import viewer_of
from forum.policy import CommentStatus
from forum.saved_replies.views import put_into
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
    alone: str  # the writer of the comment, where it can be closed for that person only


@blueprint.route("/comments/<int:id>/close", methods=["GET", "POST"])
def close_branch(id: int) -> str | tuple[str, int] | Response:
    """End the exchange in which a comment stands."""
    comment = known_comment(id)
    policy.may_close(web.viewer(), comment.article).require()
    proposal = _proposal(comment)
    form = EndForm(request.form if request.method == "POST" else None)
    _choices(form, proposal)
    if request.method == "GET":
        alone = comment.author_id is not None and request.args.get("people") == "one"
        form.reach.data = "one" if alone else "two" if proposal.two else "branch"
        form.start.data, form.once.data = str(proposal.start.id), proposal.took_part
        return _form_page(comment, proposal, form)
    if put_into(form):
        return _form_page(comment, proposal, form)
    try:
        web.checked(form)
        people, start = _reach(form, proposal) if not form.people.data and form.reach.data else ("", None)
        made = actions.close_branch(web.viewer(), id, requested(form, people, start))
        db.commit()
    except (Invalid, Conflict) as error:
        db.rollback()
        web.show_errors(form, error)
        words = error.words if isinstance(error, Conflict) else ""
        return _form_page(comment, proposal, form, words), error.status
    return closed(made, url_for("comments.permalink", id=made.at_id or id), _("This exchange has ended."))


def _proposal(comment: CommentView) -> Proposal:
    run, people = extent.run_of_two(comment.id)
    actor = web.viewer().id
    names = list(dict.fromkeys(step.name for step in run))
    other = next((step.name for step in run if step.author_id != actor), "")
    start = run[-1]
    writer = viewer_of(comment.author_id) if comment.author_id is not None else None
    alone = writer is not None and policy.may_close(web.viewer(), comment.article, person=writer)
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
        alone=comment.name if alone else "",
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
        _("“%(words)s”", words=said) if step.status == CommentStatus.PUBLISHED else said,
        web.ngettext("%(num)s comment", "%(num)s comments", count),
    ]
    return " ·\u00a0".join([*parts, _("proposed")] if step.id == proposal.start.id else parts)


def _reach(form: EndForm, proposal: Proposal) -> tuple[str, int | None]:
    """Return for whom and from where on it ends, as chosen in the form. Raises Invalid for what it does not offer."""
    starts, proposed = {str(step.id): step.id for step in proposal.run}, str(proposal.start.id)
    if form.reach.data in ("two", "thread", "one", "one-thread") and (form.start.data or proposed) != proposed:
        raise Invalid(
            {
                "start": _(
                    "You chose another comment to begin at, but that belongs to “Everybody, from one comment down”. "
                    "Choose that, or choose the proposed comment again."
                )
            }
        )
    if form.reach.data in ("two", "one"):
        return form.reach.data, None
    if form.reach.data == "one-thread":
        return "one", proposal.root_id
    if form.reach.data == "thread":
        return "all", proposal.root_id
    if form.reach.data != "branch":
        raise Invalid({"reach": _("Choose for whom it ends.")})
    if (start := form.start.data or proposed) not in starts:
        raise Invalid({"start": _("That comment is not above the comment at which this exchange is to end.")})
    return "all", starts[start]


def _form_page(comment: CommentView, proposal: Proposal, form: EndForm, words: str = "") -> str:
    shown: dict[str, Any] = {
        "comment": comment,
        "article": article_of(comment),
        "proposal": proposal,
        "form": form,
        "words": words,
    }
    return web.render("comments/close.html", **shown)
