"""Pages of this room, for admins."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from flask import Blueprint, Response, current_app, request, send_file, url_for
from flask_babel import force_locale
from flask_babel import gettext as _
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response as Answer
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs

from forum import db, policy, web
from forum.errors import Invalid, NotFound
from forum.ledger.actions import seal
from forum.transfer import forms, queries, report

blueprint = Blueprint("transfer", __name__)
MAX_UPLOAD = 64 * 1024 * 1024  # bytes: 100,000 comments; for more, a browser would not wait


@blueprint.url_value_preprocessor
def allow_large_files(endpoint: str | None, values: dict[str, Any] | None) -> None:
    """Let admins send a large file to the import page; this runs before anything reads the form."""
    if endpoint == "transfer.import_page" and policy.may_administer(web.viewer()):
        request.max_content_length = MAX_UPLOAD


@blueprint.get("/admin/export")
@web.private(policy.may_administer)
def export_page() -> str | Response | tuple[str, int]:
    """Ask what to export; asked with a format, send it. Nothing is changed, so a plain link does."""
    form = forms.ExportForm(request.args)
    if "format" not in request.args:
        return _export_form(form)
    try:
        web.checked(form)
        return _download(str(form.format.data), (form.article.data or "").strip() or None)
    except NotFound:
        web.show_errors(form, Invalid({"article": _("There is no article at this address.")}))
    except Invalid as error:
        web.show_errors(form, error)
    return _export_form(form), 422


@blueprint.route("/admin/import", methods=["GET", "POST"])
@web.limited("30 per hour")
@web.private(policy.may_administer)
def import_page() -> str | Answer | tuple[str, int]:
    """Ask for a file; bring it in, or say what it would bring."""
    from forum.transfer import actions  # with all that reads an archive: half a room, and seldom asked for

    form = forms.ImportForm(request.form)
    if request.method == "GET":
        form.format.data = request.args.get("format", form.format.data)
        return web.render("transfer/import.html", form=form, came_in="came_in" in request.args)
    try:
        file, dry_run = _uploaded(web.checked(form)), bool(form.dry_run.data)
        folder = Path(current_app.instance_path)
        ways: dict[str, Any] = {"dry_run": dry_run, "same_people": bool(form.same_people.data)}
        made = actions.import_archive(web.viewer(), str(form.format.data), file.stream, folder, **ways)
    except Invalid as error:
        db.rollback()
        web.show_errors(form, error)
        return web.render("transfer/import.html", form=form), 422
    if dry_run:
        db.rollback()
    else:
        db.commit()
    web.say(" ".join(report.sentences(made)))
    after = {"format": form.format.data} if dry_run else {"came_in": 1}
    return web.other_page(url_for("transfer.import_page", **after))


def seal_log() -> None:
    """Seal what the log holds, before an export, and commit.

    Where nobody can write now (a full disk, a locked database), the log goes out as far as it is sealed.
    """
    try:
        seal(None)
        db.commit()
    except Exception as error:
        db.rollback()
        if not db.is_unavailable(error):
            raise


def draw(template: str, **values: Any) -> str:
    """Return a piece of the HTML archive; drawn without the request, for it is the same for every reader."""
    return current_app.jinja_env.get_template(template).render(**values)


def _export_form(form: forms.ExportForm) -> str:
    offered, more = queries.addresses((form.article.data or "").strip())
    form.article.choices = [SelectChoice("", _("The whole site"))]
    form.article.choices += [SelectChoice(slug, title) for slug, title in offered]
    return web.render("transfer/export.html", form=form, offered=queries.OFFERED if more else 0)


def _download(format: str, slug: str | None) -> Response:
    from forum.transfer.out import files

    seal_log()
    with force_locale(web.site().language):  # the same file, whoever asks for it
        file, size = files.write_aside(format, slug, Path(current_app.instance_path), draw)
    name = f"{slug or 'site'}.{files.ENDINGS.get(format, format)}"
    response = send_file(file, mimetype=files.MEDIA_TYPES[format], as_attachment=True, download_name=name)
    response.content_length = size
    return response


def _uploaded(form: forms.ImportForm) -> FileStorage:
    file = request.files.get("file")
    if file is None or not file.filename:
        raise Invalid({"file": _("Choose a file first.")})
    return file
