"""Pages of this room: signing in and up, profiles, people, settings, documents, setting up."""

from flask import Blueprint

blueprint = Blueprint("accounts", __name__)

# Each puts its pages on the blueprint.
from forum.accounts.views import admin, documents, invited, profile, settings, setup, signing  # noqa: E402, F401
