"""Pages of this room, for admins."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, current_app, request, send_file, stream_with_context, url_for
from flask_babel import force_locale
from flask_babel import gettext as _
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.wrappers import Response as Answer
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs

from forum import db, policy, web
from forum.errors import Conflict, Invalid, NotFound, Refusal
from forum.jobs import made
from forum.jobs.queries import work
from forum.ledger.actions import seal
from forum.people import queries as people
from forum.transfer import asking, forms, queries, report
from forum.transfer.formats import FORMATS
from forum.transfer.wanted import Wanted

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
    """Ask what to export; asked with a format, send it, or offer to make it where it is large.

    Nothing is changed, so a plain link does.
    """
    form = _export_asked(request.args)
    if "format" not in request.args or "search" in request.args:
        return _export_form(form)
    try:
        number = _count(form)
        if number > policy.EXPORTED_AT_ONCE:
            return web.render("transfer/large.html", form=form, number=number)
        return _download(str(form.format.data), form.wanted())
    except Refusal as error:
        web.show_errors(form, error)
    return _export_form(form), 422


@blueprint.post("/admin/exports")
@web.private(policy.may_administer)
def ask_for_file() -> str | Answer | tuple[str, int]:
    """Ask a worker for a large export."""
    form = _export_asked(request.form)
    try:
        file_id = asking.ask_for_file(web.viewer(), str(form.format.data), form.wanted(), _count(form))
        db.commit()
    except (Conflict, Invalid) as error:
        db.rollback()
        web.show_errors(form, error)
        return _export_form(form), error.status
    return web.other_page(url_for("transfer.file_page", id=file_id))


@blueprint.get("/admin/exports/<int:id>")
@web.private(policy.may_administer)
def file_page(id: int) -> str:
    """Show how far a large export is, and where it is when it is ready."""
    return web.render("transfer/file.html", file=_file(id), is_worked=work().is_there)


@blueprint.get("/admin/exports/<int:id>/file")
@web.private(policy.may_administer)
def file_content(id: int) -> Response:
    """Send a large export."""
    file = _file(id)
    if file.ready_at is None:
        raise NotFound()
    response = Response(stream_with_context(made.content(id)), mimetype=file.media_type)
    response.headers.set("Content-Disposition", "attachment", filename=file.name)
    response.content_length = file.size
    return response


@blueprint.post("/admin/exports/<int:id>/delete")
@web.private(policy.may_administer)
def delete_file(id: int) -> Answer:
    """Delete a large export, or stop its making."""
    asking.delete_file(web.viewer(), id)
    db.commit()
    web.say(_("The file is deleted."))
    return web.other_page(url_for("transfer.export_page"))


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
    web.say("\n".join(report.sentences(made)))
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


def _export_asked(values: MultiDict[str, str]) -> forms.ExportForm:
    form = forms.ExportForm(values)
    form.person.data = people.sign_in_name(form.person.data or "")
    return form


def _export_form(form: forms.ExportForm) -> str:
    articles, more, subjects = queries.choices(form.find.data or "", form.wanted().article)
    form.article.choices = [SelectChoice("", _("All articles")), *itertools.starmap(SelectChoice, articles)]
    form.tag.choices = [SelectChoice("", _("All subjects")), *itertools.starmap(SelectChoice, subjects)]
    shown: dict[str, Any] = {"offered": queries.OFFERED if more else 0, "found": len(articles)}
    return web.render("transfer/export.html", form=form, files=queries.files(), **shown)


def _count(form: forms.ExportForm) -> int:
    """Return how many comments are asked for. Raises Invalid."""
    from forum.transfer.out import files

    return files.count(str(web.checked(form).format.data), form.wanted())


def _file(id: int) -> queries.FileView:
    file = queries.file(id)
    if file is None:
        raise NotFound()
    return file


def _download(format: str, wanted: Wanted) -> Response:
    from forum.transfer.out import files

    seal_log()
    with force_locale(web.site().language):  # the same file, no matter who asks for it
        file, size = files.write_aside(format, wanted, Path(current_app.instance_path), draw)
    kind, name = FORMATS[format], f"{wanted.name}.{FORMATS[format].ending}"
    response = send_file(file, mimetype=kind.media_type, as_attachment=True, download_name=name)
    response.content_length = size
    return response


def _uploaded(form: forms.ImportForm) -> FileStorage:
    file = request.files.get("file")
    if file is None or not file.filename:
        raise Invalid({"file": _("Choose a file first.")})
    return file
