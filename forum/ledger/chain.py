"""How entries hang together: each carries a hash of its facts and of the hash before it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

FIELDS = ("number", "act", "at", "actor_id", "person_id", "article_id", "comment_id", "closure_id", "rule")


def details_digest(salt: str, details: Mapping[str, Any]) -> str:
    """Return the salted SHA-256 of an act's details, in hex."""
    return _sha256(salt + json.dumps(details, sort_keys=True, separators=(",", ":"), ensure_ascii=False))


def chain_digest(before: str, entry: Mapping[str, Any]) -> str:
    """Return the SHA-256, in hex, that ties an entry to the hash before it: of JSON without spaces."""
    facts = [entry[field].isoformat() if field == "at" else entry[field] for field in FIELDS]
    return _sha256(json.dumps([before, *facts, entry["details_hash"]], separators=(",", ":"), ensure_ascii=False))


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
