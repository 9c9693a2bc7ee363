"""Compiled templates, kept in the instance folder, as Python keeps compiled modules beside their source."""

from __future__ import annotations

import os
import secrets
import stat
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from flask import Flask
from jinja2 import FileSystemBytecodeCache
from jinja2.bccache import Bucket

import forum

FOLDER = "compiled-templates"
_DIGEST = 32  # bytes before the code in each file


class Compiled(FileSystemBytecodeCache):
    """Compiled templates by name, each for one source text, one Python and one release of Jinja and of the forum.

    A file that cannot be read counts as none. Where none can be written (a full disk, say), pages are served without.
    If you change an option of Jinja that changes what a template becomes (`trim_blocks`, an extension), also change
    the release or FOLDER, else templates stay as they were compiled before.
    """

    def load_bytecode(self, bucket: Bucket) -> None:
        """Load a template, if its file is as it was written: running damaged code may end the process."""
        with suppress(Exception):
            content = self._file(bucket).read_bytes()
            digest, code = content[:_DIGEST], content[_DIGEST:]
            if sha256(code).digest() == digest:
                bucket.bytecode_from_string(code)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep a template: in a file of another name first, so that nobody reads half of it."""
        file, code = self._file(bucket), bucket.bytecode_to_string()
        part = file.with_name(f"{file.name}.{os.getpid()}.{secrets.token_hex(4)}.part")
        try:
            part.write_bytes(sha256(code).digest() + code)
            part.replace(file)
        except OSError:
            with suppress(OSError):
                part.unlink()

    def _file(self, bucket: Bucket) -> Path:
        return Path(self.directory, self.pattern % (bucket.key,))


def keep(app: Flask, instance: Path) -> None:
    """Let an app keep its compiled templates, unless others could write to their folder: what is in it is run."""
    folder = instance / FOLDER
    with suppress(OSError):
        folder.mkdir(mode=0o700, exist_ok=True)
    if not _is_ours(folder):
        return
    app.jinja_env.bytecode_cache = Compiled(str(folder), f"{forum.__version__}-%s")


def _is_ours(folder: Path) -> bool:
    """Tell whether a folder is this user's and nobody else can write to it; a link to a folder is not."""
    try:
        found = folder.lstat()
    except OSError:
        return False
    if os.name == "nt":
        return stat.S_ISDIR(found.st_mode)
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid() and not found.st_mode & 0o022
