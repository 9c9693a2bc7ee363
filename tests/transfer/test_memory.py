"""Memory does not grow with what is exported."""

from __future__ import annotations

import os
import subprocess
import sys

from flask import Flask

from tests import factories
from tests.cast import Cast
from tests.transfer import scene

MEASURE = """
import resource, sys
from forum import create_app
from forum.transfer.out import files
from forum.transfer.views import draw
from forum.transfer.wanted import Wanted
with create_app().app_context():
    for slug in sys.argv[3:]:
        with open(sys.argv[2], "wb") as file:
            files.write(sys.argv[1], Wanted(article=slug), file, draw)
        print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def test_ten_times_the_comments_take_no_more_memory(cast: Cast, app: Flask, database: str) -> None:
    small, large = factories.article(cast.ida, "Small"), factories.article(cast.ida, "Large")
    scene.many(small, 1_000)
    scene.many(large, 10_000)
    for format in ("jsonl", "html", "csv", "wxr", "markdown"):
        few, many = _peaks(app, database, format, small.slug, large.slug)
        assert many - few < 6_000, format  # kB; the larger archive has over 10 MB


def _peaks(app: Flask, database: str, format: str, *slugs: str) -> list[int]:
    """Return the most memory that a process has used after each export; it begins with the smallest."""
    environment = {**os.environ, "FORUM_INSTANCE": app.instance_path, "FORUM_DATABASE_URL": database}
    command = [sys.executable, "-c", MEASURE, format, f"{app.instance_path}/large.{format}", *slugs]
    done = subprocess.run(command, env=environment, capture_output=True, check=True, timeout=300)
    return [int(line) for line in done.stdout.split()]
