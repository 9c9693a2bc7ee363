"""Write the log to standard error: a line an entry, whatever somebody sent."""

from __future__ import annotations

import logging

# Characters that end a line or move a terminal's cursor; an entry that has them could pass for two.
_CONTROLS = {code: f"\\x{code:02x}" for code in (*range(32), *range(127, 160), 0x2028, 0x2029)}


class OneLine(logging.Formatter):
    """The form of an entry. Only the trace of a mistake of ours follows on lines of its own."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 -- the library's name
        """Return the entry's line."""
        return super().formatMessage(record).translate(_CONTROLS)


def begin() -> None:
    """Log from now on what an operator should know: mistakes, outages, sign-ins."""
    handler = logging.StreamHandler()
    handler.setFormatter(OneLine("%(asctime)s %(levelname)s %(message)s"))
    log = logging.getLogger("forum")
    log.handlers, log.propagate = [handler], False
    log.setLevel(logging.INFO)
