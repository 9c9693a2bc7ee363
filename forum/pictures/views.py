"""Pictures are served here, and added from the form of an article."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, make_response, request
from flask import Response as FlaskResponse
from flask_babel import gettext as _
from wtforms import Form

from forum import db, policy, web
from forum.clock import now
from forum.errors import Invalid, NotFound
from forum.pictures import actions, queries
from forum.pictures.encoding import encoded
from forum.pictures.forms import PictureForm
from forum.pictures.queries import AtHand
from forum.text.pictures import named
from forum.text.words import one_line

blueprint = Blueprint("pictures", __name__)
blueprint.add_app_template_global(named, "picture_named")
FOREVER = "public, max-age=31536000, immutable"  # what is behind a hash never changes
MEGABYTE = 1_000_000  # bytes, as file managers count them
LARGEST = 24 * MEGABYTE  # of a form: as much as the settings may allow, and the text of an article beside it
PICTURES = "30 per minute"  # each takes a processor for a second
TAKING = ("pictures.add", "articles.new", "articles.edit")


@blueprint.app_url_value_preprocessor
def allow_large_files(endpoint: str | None, values: dict[str, Any] | None) -> None:
    """Let authors send a picture; this runs before anything reads the form. Others may send what they always may."""
    if request.method == "POST" and endpoint in TAKING and policy.may_write_articles(web.viewer()):
        request.max_content_length = LARGEST


@blueprint.get("/pictures/<hash>-<int:width>.webp")
def file(hash: str, width: int) -> FlaskResponse:
    """Send a picture in one of its widths: to everybody where an article that is out shows it, else to its authors.

    Nobody learns of any other whether it is there.
    """
    found, moment = queries.known([hash]).get(hash), now()
    if found is None:
        raise NotFound()
    everybody = bool(policy.may_see_picture(policy.NOBODY, found, moment))
    if not everybody and not policy.may_see_picture(web.viewer(), found, moment):
        raise NotFound()
    data = queries.file(found.id, width)
    if data is None:
        raise NotFound()
    response = make_response(data)
    response.headers["Content-Type"] = "image/webp"
    response.headers["Cache-Control"] = FOREVER if everybody else "private, no-store"
    if everybody:
        web.leave_out_session()
        response.set_etag(f"{hash}-{width}")
        response.make_conditional(request)
    return response


@blueprint.post("/pictures")
@web.limited(PICTURES)
@web.private(policy.may_write_articles)
def add() -> web.Page:
    """Add a picture, and answer with the line that shows it: as a piece of the form where a script asked."""
    form = PictureForm(request.form)
    try:
        made = _added(form, request.form.get("format", ""))
    except Invalid as error:
        db.rollback()
        web.show_errors(form, error)
        return web.render("pictures/add.html", "pictures/_problems.html", form=form), 422
    return web.render("pictures/add.html", "pictures/_choice.html", form=form, picture=made, chosen="")


def is_sent() -> bool:
    """Tell whether the form of an article asks to add a picture."""
    return request.form.get("act") == "picture"


def put_into(form: Form, format: str) -> bool:
    """Put the picture that was sent behind what is typed, where the form of an article asks for that; tell if it does.

    Then the form is to be shown again, and does nothing else. Raises Invalid.
    """
    if not is_sent():
        return False
    fields = PictureForm(request.form)
    made = _added(fields, format)
    form.body.data = "\n\n".join(filter(None, [(form.body.data or "").rstrip(), made.line])) + "\n"  # type: ignore[attr-defined]  # an article's
    for name in fields.data:
        form[name].data = None
    web.say(_("The picture is at the end of the text. Move its line to where you want it, then save."))
    return True


@blueprint.app_template_global("pictures_at_hand")
def pictures_at_hand(article_id: int | None) -> list[AtHand]:
    """Return the pictures that the viewer can choose from for an article."""
    return queries.at_hand(web.viewer(), article_id)


def _added(form: PictureForm, format: str) -> AtHand:
    """Encode and keep the picture that was sent, and commit."""
    web.checked(form)
    site, viewer = web.site(), web.viewer()
    policy.may_add_picture(viewer, site).require()
    alt, caption = one_line(form.picture_alt.data or ""), one_line(form.picture_caption.data or "")
    alt = "" if form.picture_decorative.data else alt
    if not alt and not form.picture_decorative.data:
        raise Invalid({"picture_alt": _("Say what it shows, or tick that it is only there to look nice.")})
    made = encoded(_upload(site.picture_megabytes), site.picture_megapixels * 1_000_000, f"{site.origin} {viewer.id}")
    actions.add(viewer, site, made, alt)
    db.commit()
    line = made.picture.html(alt, caption) if format == "html" else made.picture.markdown(alt, caption)
    return queries.as_at_hand(made.picture, alt, line)


def _upload(megabytes: int) -> bytes:
    file = request.files.get("picture")
    if file is None or not file.filename:
        raise Invalid({"picture": _("Please choose a picture first.")})
    data: bytes = file.read(megabytes * MEGABYTE + 1)
    if len(data) > megabytes * MEGABYTE:
        raise Invalid({"picture": _("This picture is too large. At most %(n)s megabytes can be read.", n=megabytes)})
    return data
