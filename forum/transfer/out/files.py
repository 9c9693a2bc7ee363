"""Write an export into a file, all of it from one moment of the database."""

from __future__ import annotations

import os
import secrets
import tempfile
from contextlib import closing
from pathlib import Path
from typing import IO

from flask_babel import gettext as _

from forum.db import snapshot
from forum.errors import Conflict
from forum.transfer.out import csv, html, jsonl, markdown, wxr
from forum.transfer.out.html import Draw
from forum.transfer.out.scope import scope

# By format.
MEDIA_TYPES = {
    "jsonl": "application/x-ndjson",
    "html": "text/html",
    "csv": "text/csv; charset=utf-8",
    "markdown": "text/markdown; charset=utf-8",
    "wxr": "application/xml",
}
ENDINGS = {"markdown": "md", "wxr": "xml"}  # of file names, where the format's name is none


def write(format: str, slug: str | None, file: IO[bytes], draw: Draw) -> None:
    """Write the site, or one article with its discussion, in one of the formats.

    `draw` makes text of a template and its values; html and markdown ask for it. Raises NotFound for an
    unknown article.
    """
    with snapshot() as connection:
        wanted = scope(connection, slug)
        if format in ("html", "markdown"):
            made = (html if format == "html" else markdown).chunks(connection, wanted, draw)
        else:
            made = {"csv": csv, "jsonl": jsonl, "wxr": wxr}[format].chunks(connection, wanted)
        with closing(made) as chunks:
            for chunk in chunks:
                file.write(chunk)


def write_whole(format: str, slug: str | None, path: Path, draw: Draw) -> None:
    """Write into a file beside `path` and give it that name when it is complete and on the disk.

    Raises Conflict where that cannot be done; then a file that stood at `path` stands there still.
    """
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        with beside.open("xb") as file:
            write(format, slug, file, draw)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except OSError as error:
        raise Conflict(_("%(path)s cannot be written: %(why)s", path=path, why=error.strerror or error)) from error
    finally:
        beside.unlink(missing_ok=True)


def write_aside(format: str, slug: str | None, folder: Path, draw: Draw) -> tuple[IO[bytes], int]:
    """Write into a nameless file of a folder; return it, at its beginning, with its size in bytes.

    A download starts only when the file is complete: a failure is an error page, never half an archive.
    """
    folder.mkdir(parents=True, exist_ok=True)
    file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 -- closed by the answer that sends it
    try:
        write(format, slug, file, draw)
    except BaseException:
        file.close()
        raise
    size = file.tell()
    file.seek(0)
    return file, size
