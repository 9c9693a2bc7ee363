"""The formats that can be read; nothing touches the database while a file is read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import IO

from forum.transfer.into import jsonl
from forum.transfer.into.staging import Contents, Staging
from forum.transfer.into.wxr import reader

READERS: Mapping[str, Callable[[IO[bytes], Staging], Contents]] = {"wxr": reader.read, "jsonl": jsonl.read}
