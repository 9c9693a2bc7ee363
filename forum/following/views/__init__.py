"""Pages of this room: notices, what one follows, and the end of mails."""

from flask import Blueprint

blueprint = Blueprint("following", __name__)

# Each puts its pages on the blueprint.
from forum.following.views import pages, unsubscribing  # noqa: E402
