"""Shapes of this room's forms."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, DateField, FileField, SelectField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs
from wtforms.validators import Length, Optional

from forum.site.forms import Form
from forum.transfer.formats import FORMATS
from forum.transfer.wanted import Wanted


class ExportForm(Form):
    """What to export, and in which format: everything, or what fits all that is chosen."""

    find = StringField(_l("Find an article"), [Length(max=200)], description=_l("Words of its title."))
    # Whether there is such an article or subject, the export finds out: it takes any, not only those of the lists.
    article = SelectField(_l("Article"), validate_choice=False)
    tag = SelectField(_l("Subject"), validate_choice=False)
    person = StringField(_l("Person"), [Length(max=60)], description=_l("A sign-in name. Empty: everybody."))
    since = DateField(_l("From"), [Optional()])
    until = DateField(_l("Until"), [Optional()], description=_l("The last day. Empty: no end."))
    # The words are short, so that the smallest phone shows them whole.
    format = SelectField(
        _l("As"),
        choices=[SelectChoice(name, format.words) for name, format in FORMATS.items()],
        description=_l("To move to another site like this one take JSON Lines; to move to WordPress, WXR."),
    )

    def wanted(self) -> Wanted:
        """Return what was chosen."""
        article, tag, person = ((field.data or "").strip() for field in (self.article, self.tag, self.person))
        return Wanted(article, tag, person, self.since.data, self.until.data)


class ImportForm(Form):
    """A file to import, and its format."""

    format = SelectField(
        _l("What kind of file?"),
        choices=[
            SelectChoice("wxr", _l("Export of WordPress (XML)")),
            SelectChoice("jsonl", _l("Archive of a site like this one (JSON Lines)")),
        ],
    )
    file = FileField(_l("File"), description=_l("Up to 64 MB. Larger ones: forum import, on the machine itself."))
    dry_run = BooleanField(_l("Only try: say what would come in, and write nothing"))
    same_people = BooleanField(
        _l("Same people"),
        description=_l(
            "Tick this if people with the same sign-in name in the file and here are the same people."
            " Otherwise those in the file get another name."
        ),
    )
