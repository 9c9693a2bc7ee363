"""The page on which an admin chooses in which tags somebody moderates."""

from __future__ import annotations

from flask import request, url_for
from flask_babel import gettext as _

from forum import web
from forum.articles.naming import split_tags
from forum.errors import Invalid
from forum.moderation import tags as actions
from forum.moderation.forms import TagsForm
from forum.moderation.views import blueprint
from forum.moderation.views.refusals import missing
from forum.people import queries as people
from forum.site.views.admin import admins_only


@blueprint.route("/admin/people/<int:person_id>/tags", methods=["GET", "POST"])
@admins_only
def tags(person_id: int) -> web.Page:
    """Show in which tags somebody moderates, and choose others."""
    person = people.person_row(web.viewer(), person_id) or missing()
    typed = ", ".join(tag.name for tag in actions.moderated(person_id))
    form = TagsForm(web.sent(), tags=typed)
    done = None
    if request.method == "POST":
        names = split_tags(form.tags.data or "")
        done = web.attempt(form, lambda: actions.choose_tags(web.viewer(), person_id, names))
    if request.method == "GET" or isinstance(done, Invalid):
        page = web.render("moderation/tags.html", person=person, form=form, known=actions.known())
        return page, 422 if done else 200
    web.say(_("Saved. It is in force from now on, and they were told."))
    return web.other_page(url_for("people.person", person_id=person_id))
