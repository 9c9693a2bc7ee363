"""Write an export into a file, all of it from one moment of the database."""

from __future__ import annotations

import os
import secrets
import tempfile
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import IO

from flask_babel import gettext as _

from forum.db import is_full, snapshot
from forum.errors import Conflict
from forum.transfer.out import csv, discussion, html, jsonl, markdown, rows, wxr
from forum.transfer.out.scope import Draw, Export, scope
from forum.transfer.wanted import Wanted

AT_ONCE = 64 * 1024  # bytes that are written at once
# What makes each of the `formats`: piece by piece, from one moment of the database.
CHUNKS: Mapping[str, Callable[[Export], Generator[bytes, None, None]]] = {
    "jsonl": jsonl.chunks,
    "html": html.chunks,
    "csv": csv.chunks,
    "wxr": wxr.chunks,
    "markdown": markdown.chunks,
}


@contextmanager
def opened(format: str, wanted: Wanted, draw: Draw) -> Iterator[tuple[Export, Iterator[bytes]]]:
    """Give an export and its file, piece by piece, all of it from one moment.

    `draw` makes text of a template and its values. Raises Invalid where something that was named is not there.
    """
    with snapshot() as connection:
        export = Export(connection, scope(connection, wanted), draw)
        with closing(CHUNKS[format](export)) as chunks:
            yield export, chunks


def in_pieces(chunks: Iterable[bytes], size: int) -> Iterator[bytes]:
    """Yield the same bytes in pieces of at least so many, the last one apart."""
    waiting, length = [], 0
    for chunk in chunks:
        waiting.append(chunk)
        length += len(chunk)
        if length >= size:
            yield b"".join(waiting)
            waiting, length = [], 0
    if waiting:
        yield b"".join(waiting)


def count(format: str, wanted: Wanted) -> int:
    """Return how many comments a file would have. Raises Invalid."""
    with opened(format, wanted, str) as (export, _chunks):
        return rows.count(export, "comment") if format == "jsonl" else discussion.count(export)


def write(format: str, wanted: Wanted, file: IO[bytes], draw: Draw) -> None:
    """Write what is wanted in one of the formats. Raises Invalid."""
    with opened(format, wanted, draw) as (_export, chunks):
        for piece in in_pieces(chunks, AT_ONCE):
            file.write(piece)


def write_whole(format: str, wanted: Wanted, path: Path, draw: Draw) -> None:
    """Write into a file beside `path` and give it that name when it is complete and on the disk.

    Raises Conflict where that cannot be done; then a file that stood at `path` stands there still. A device or a pipe
    (/dev/stdout) is written into and stays what it is, and a link goes on leading where it led.
    """
    try:
        # /dev/stdout may be a file, in which something stands already.
        if str(path.parent) in ("/dev", "/dev/fd") or (path.exists() and not path.is_file()):
            with path.open("ab") as file:
                write(format, wanted, file, draw)
        else:
            _replace(format, wanted, path.resolve(), draw)
    except OSError as error:
        raise Conflict(_("%(path)s cannot be written: %(why)s", path=path, why=error.strerror or error)) from error


def _replace(format: str, wanted: Wanted, path: Path, draw: Draw) -> None:
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        with beside.open("xb") as file:
            write(format, wanted, file, draw)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def write_aside(format: str, wanted: Wanted, folder: Path, draw: Draw) -> tuple[IO[bytes], int]:
    """Write into a nameless file of a folder; return it, at its beginning, with its size in bytes.

    A download starts only when the file is complete: a failure is an error page, never half an archive.
    """
    folder.mkdir(parents=True, exist_ok=True)
    file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 -- closed by the answer that sends it
    try:
        write(format, wanted, file, draw)
    except BaseException as error:
        file.close()
        if is_full(error):
            raise Conflict(_("There is no room on the disk for this file. Make room and ask again.")) from error
        raise
    size = file.tell()
    file.seek(0)
    return file, size
