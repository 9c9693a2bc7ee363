"""Pages of notices of law: the form, the status page, and what is done on the desk."""

from flask import Blueprint

blueprint = Blueprint("legal", __name__)

# Each puts its pages on the blueprint.
from forum.legal.views import desk, report  # noqa: E402
