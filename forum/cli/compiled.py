"""Compiled templates, kept in the instance folder, as Python keeps compiled modules beside their source."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from flask import Flask
from jinja2 import FileSystemBytecodeCache
from jinja2.bccache import Bucket

import forum

FOLDER = "compiled-templates"


class Compiled(FileSystemBytecodeCache):
    """Compiled templates by name, each for one source text, one Python and one release of Jinja and of the forum.

    A file that cannot be read counts as none. Where none can be written (a full disk, say), pages are served without.
    If you change an option of Jinja that changes what a template becomes (`trim_blocks`, an extension), also change
    the release or FOLDER, else templates stay as they were compiled before.
    """

    def load_bytecode(self, bucket: Bucket) -> None:
        """Load a template. A damaged file raises whatever its bytes happen to say."""
        try:
            super().load_bytecode(bucket)
        except Exception:
            bucket.reset()

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep a template."""
        with suppress(OSError):
            super().dump_bytecode(bucket)


def keep(app: Flask, instance: Path) -> None:
    """Let an app keep its compiled templates. The folder is its owner's alone: what is in it is run."""
    folder = instance / FOLDER
    with suppress(OSError):
        folder.mkdir(mode=0o700, exist_ok=True)
    app.jinja_env.bytecode_cache = Compiled(str(folder), f"{forum.__version__}-%s")
