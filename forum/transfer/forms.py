"""Shapes of this room's forms."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, FileField, SelectField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs

from forum.site.forms import Form


class ExportForm(Form):
    """What to export, and in which format."""

    # Whether there is such an article, the export finds out: it takes any, not only those of the list.
    article = SelectField(_l("What"), validate_choice=False)
    format = SelectField(
        _l("As"),
        choices=[
            SelectChoice("jsonl", _l("JSON Lines: complete, to move to another site or keep as a backup")),
            SelectChoice("html", _l("One HTML file: to read and to print")),
            SelectChoice("csv", _l("A table of the comments (CSV): for a spreadsheet")),
            SelectChoice("wxr", _l("As WordPress exports (WXR): to move to WordPress")),
            SelectChoice("markdown", _l("Markdown: to read, and to go on with in another program")),
        ],
    )


class ImportForm(Form):
    """A file to import, and its format."""

    format = SelectField(
        _l("What kind of file?"),
        choices=[
            SelectChoice("wxr", _l("Export of WordPress (XML)")),
            SelectChoice("jsonl", _l("Archive of a site like this one (JSON Lines)")),
        ],
    )
    file = FileField(_l("File"), description=_l("Up to 64 MB. Larger ones: forum import, at the machine itself."))
    dry_run = BooleanField(_l("Only try: say what would come in, and write nothing"))
    same_people = BooleanField(
        _l("Same people"),
        description=_l(
            "Tick this if people with the same sign-in name in the file and here are the same people."
            " Otherwise those in the file get another name."
        ),
    )
