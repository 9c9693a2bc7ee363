"""The worker as a process: until it is told to stop, and begun anew where it ends by itself."""

from __future__ import annotations

import _thread
import ctypes
import os
import signal
import sys
import threading
import time
from typing import TYPE_CHECKING

from forum.worker.duties import LONG, SLOW
from forum.worker.loop import Loop

if TYPE_CHECKING:
    from flask import Flask

SET_PARENT_DEATH_SIGNAL = 1  # prctl(2): PR_SET_PDEATHSIG
LETTER_PATIENCE = 25.0  # seconds for a letter that is being sent; the lease of one that takes longer runs out
PATIENCE = 30.0  # seconds that a worker has to finish, as the processes that serve have
AGAIN = 2.0  # seconds before a worker that ended is begun anew


def stop_on(*signals: int) -> threading.Event:
    """Return what is set when one of the signals comes."""
    stop = threading.Event()

    def ask(*_: object) -> None:
        # From another thread: this one may hold the event's own lock at that moment, and would wait for itself.
        _thread.start_new_thread(stop.set, ())

    for asked in signals:
        signal.signal(asked, ask)
    return stop


def work(app: Flask, stop: threading.Event) -> None:
    """Work until asked to stop; what was begun is finished, but not a file, which is begun anew by the next worker."""
    slow, long = (threading.Thread(target=Loop(app, stop, only=kinds).run, daemon=True) for kinds in (SLOW, LONG))
    slow.start()
    long.start()
    Loop(app, stop).run()
    slow.join(LETTER_PATIENCE)


def begin_beside(app: Flask) -> int:
    """Fork a process that keeps one worker running, and return its id; both end with the process that calls this.

    Call it before there are threads. The database must not be in use: no connection may be shared.
    """
    parent = os.getpid()
    if beside := os.fork():
        return beside
    _end_with(parent)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C goes to all; the server tells this one when to end
    try:
        _keep(app)
    finally:
        os._exit(0)


def end(beside: int) -> None:
    """Tell the process to end, and wait until its worker has finished what it began, at most for PATIENCE."""
    latest = time.monotonic() + PATIENCE
    try:
        os.kill(beside, signal.SIGTERM)
        while os.waitpid(beside, os.WNOHANG)[0] == 0:
            if time.monotonic() > latest:
                os.kill(beside, signal.SIGKILL)  # its worker ends with it, and the lease of its job runs out
            time.sleep(0.02)
    except (ProcessLookupError, ChildProcessError):
        return


def _keep(app: Flask) -> None:
    child, ending = 0, False

    def pass_on(*_: object) -> None:
        nonlocal ending
        ending = True
        if child:
            os.kill(child, signal.SIGTERM)

    signal.signal(signal.SIGTERM, pass_on)
    keeper = os.getpid()
    while True:
        # A signal that came between the fork and the next line would reach no worker, and be waited for for ever.
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])
        if ending:
            return
        child = os.fork()
        if child == 0:
            _end_with(keeper)
            _work_and_exit(app)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGTERM])
        os.waitpid(child, 0)
        child = 0
        if not ending:
            time.sleep(AGAIN)


def _work_and_exit(app: Flask) -> None:
    try:
        stop = stop_on(signal.SIGTERM)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGTERM])
        work(app, stop)
    finally:
        os._exit(0)


def _end_with(parent: int) -> None:
    """Let this process be ended when its parent ends, however that happens."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(SET_PARENT_DEATH_SIGNAL, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(0)
