"""Pages of this room: signing in and up, profiles, the people page of admins, setting up."""

from flask import Blueprint

blueprint = Blueprint("people", __name__)

# Each puts its pages on the blueprint.
from forum.people.views import invited, mail, people, profile, setup, signing  # noqa: E402
