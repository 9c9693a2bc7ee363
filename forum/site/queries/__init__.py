"""Read the settings of the site and its documents."""

from forum.site.queries.documents import (
    DocumentView,
    Rule,
    VersionRow,
    document,
    is_reachable,
    rules,
    version,
    versions,
)
from forum.site.queries.settings import (
    ChangeRow,
    SiteView,
    changes,
    keeps_addresses,
    lets_guests_follow,
    logo,
    mails_articles,
    site,
)
