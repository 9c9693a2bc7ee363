"""Pages of this room: notices, what one follows, with an account or by an address alone, and the end of mails."""

from flask import Blueprint

blueprint = Blueprint("following", __name__)

# Each puts its pages on the blueprint.
from forum.following.views import addresses, by_address, pages, unsubscribing  # noqa: E402
