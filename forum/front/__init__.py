"""The cache of visitors' pages, in front of Flask.

A visitor's GET of a discussion is answered here from a finished page, without Flask. Everything else goes to Flask. No
other part of the program keeps pages. docs/architecture.md says what this buys and what its one invariant is.
"""

from forum.front.server import Front
from forum.front.shared import SHARED, SharedRequest
from forum.front.store import Store
