"""Two acts at the same moment, each on a connection of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from forum import db

Act = Callable[[], Any]


class Race:
    """Run two acts on two connections: together, or one while the other already holds the lock."""

    def __init__(self, cast: Any, hold: Act) -> None:
        self.app, self.hold = cast.app, hold
        self.barrier, self.held = threading.Barrier(2, timeout=20), threading.Event()
        self.results: dict[str, Any] = {}

    def run(self, first: str | None, **acts: Act) -> dict[str, Any]:
        threads = [threading.Thread(target=self._one, args=(name, act, first)) for name, act in acts.items()]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        assert len(self.results) == 2, "one of the two never came back"
        return self.results

    def _one(self, name: str, act: Act, first: str | None) -> None:
        with self.app.app_context():
            try:
                self.barrier.wait()
                if first == name:
                    self.hold()
                    self.held.set()
                elif first is not None:
                    self.held.wait(20)
                done = act()
                db.commit()
                self.results[name] = done
            except Exception as error:
                self.results[name] = error
                db.rollback()
            finally:
                db.session.remove()
