"""Start the server exactly as `forum serve` does, with something changed for a comparison.

BENCH_ROWS      how many comments a page shows, to put all of a discussion on one page
BENCH_GRANIAN   options of the server as JSON, over those of `forum serve`

Other servers take `bench.serving:create_app` for the same changes.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

from flask import Flask
from granian.constants import HTTPModes, RuntimeModes
from granian.server import Server

import forum
from forum.cli import serve
from forum.comments.reading import page_rows

# The options that are not plain values, so that JSON can name them.
KINDS: dict[str, type] = {"http": HTTPModes, "runtime_mode": RuntimeModes}


def create_app() -> Flask:
    """Make the forum, with longer pages where that is asked for."""
    if rows := int(os.environ.get("BENCH_ROWS", "0")):
        page_rows.PAGE_ROWS = page_rows.THREAD_ROWS = rows
    return forum.create_app()


def changed(target: str, **options: Any) -> Any:
    """Make the server with the options of `forum serve`, those of the environment over them."""
    for name, value in json.loads(os.environ.get("BENCH_GRANIAN", "{}")).items():
        options[name] = KINDS[name](value) if name in KINDS else value
    return Server("bench.serving:create_app", **options)


if __name__ == "__main__":
    serve.Server = changed  # type: ignore[attr-defined,assignment]  # made once, by `forum serve`
    serve.serve_command.main(sys.argv[1:])
