"""Keep what is typed into the form of an article before it is saved: by a button, or by a script every so often."""

from __future__ import annotations

from flask import jsonify, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from forum import db, policy, web
from forum.articles import actions
from forum.articles.actions import TextChanged
from forum.articles.forms import ArticleForm
from forum.articles.views import blueprint
from forum.articles.views.writing import again, both, own
from forum.errors import Invalid

KEEPS = "20 per minute"
NOT_KEPT = {"seen", "updated", "updated_words"}  # of what the form sends


@blueprint.post("/articles/<slug>/changes")
@web.private(policy.may_write_articles)
@web.limited(KEEPS)
def keep_changes(slug: str) -> web.Page:
    """Keep what is typed so far, beside the article."""
    article, form = own(slug), ArticleForm(request.form)
    names = [name for name in form.data if name not in NOT_KEPT and name in request.form]
    typed = {name: request.form[name] for name in names}
    try:
        seen = actions.keep_changes(web.viewer(), article.id, typed, form.seen.data)
    except TextChanged as error:
        if web.wants_fragment():
            raise
        return both(form, slug, error)
    except Invalid as error:
        return again(form, error, article)
    db.commit()
    if web.wants_fragment():
        return jsonify(seen=seen)
    web.say(_("What you typed is kept. Readers see it when you save it."))
    return web.other_page(url_for(".edit", slug=slug))


@blueprint.post("/articles/<slug>/changes/drop")
@web.private(policy.may_write_articles)
def drop_changes(slug: str) -> Response:
    """Forget what was typed and not saved."""
    actions.drop_changes(web.viewer(), own(slug).id)
    db.commit()
    web.say(_("What was not saved is gone. The article is as it was."))
    return web.other_page(url_for(".edit", slug=slug))
