"""What the pages of admins share: who may see them, and the links between them."""

from __future__ import annotations

from flask import current_app, request, url_for
from flask_babel import gettext as _

from forum import policy, web
from forum.site import queries
from forum.site.views import blueprint

admins_only = web.private(policy.may_administer)


@blueprint.app_template_global("admin_links")
def admin_links() -> list[tuple[str, str, bool]]:
    """Return the pages of admins: words, address, whether it is the one shown."""
    wanted = (
        (_("Settings"), "site.settings"),
        (_("People"), "people.people"),
        (_("Rules and other texts"), "site.documents"),
        (_("Export"), "transfer.export_page"),
        (_("Import"), "transfer.import_page"),
        (_("Background work"), "jobs.jobs"),
    )
    there = (pair for pair in wanted if pair[1] in current_app.view_functions)
    return [(words, url_for(endpoint), request.endpoint == endpoint) for words, endpoint in there]


@blueprint.app_template_global("is_reachable")
def is_reachable() -> bool:
    """Tell whether the contact page leads anywhere. Asked on the pages of admins only."""
    return queries.is_reachable(web.site().contact)
