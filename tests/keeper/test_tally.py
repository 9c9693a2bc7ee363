"""Writes of one machine that go on at once are counted without losing one, and a machine is what shares memory."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import subprocess
import sys
import textwrap
import threading
from pathlib import Path

import pytest

from forum import tally
from forum.tally import BEGUN, ENDED, NAME, Tally, in_folder

TIMES = 3000


def opened(folder: Path) -> Tally:
    """Map the tally as another process would."""
    folder.mkdir(exist_ok=True)
    made = in_folder(folder).look()
    assert made is not None
    return made


def pending(found: Tally) -> int:
    """Return how many writes seem to go on."""
    return found.counters[BEGUN] - found.counters[ENDED]


def _count(folder: Path) -> None:
    found = opened(folder)
    threads = [threading.Thread(target=lambda: [found.end(found.begin()) for _ in range(TIMES)]) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    os._exit(0)


def test_no_write_is_lost_between_processes_and_threads(tmp_path: Path) -> None:
    found = opened(tmp_path)
    first = found.counters[BEGUN]
    spawn = multiprocessing.get_context("spawn")
    processes = [spawn.Process(target=_count, args=(tmp_path,)) for _ in range(3)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0, 0, 0]
    assert (found.counters[BEGUN] - first, pending(found)) == (3 * 2 * TIMES, 0)


def test_no_write_is_lost_after_a_fork(tmp_path: Path) -> None:
    """A server that makes its processes by forking hands its open files on, and locks with them."""
    found = opened(tmp_path)
    first = found.counters[BEGUN]
    script = f"""
        import os
        from pathlib import Path
        from forum.tally import in_folder
        shared = in_folder(Path({str(tmp_path)!r}))
        shared.look()
        children = []
        for _ in range(3):
            if not (child := os.fork()):
                for _ in range({7 * TIMES}):
                    found = shared.look()
                    found.end(found.begin())
                os._exit(0)
            children.append(child)
        assert [os.waitpid(child, 0)[1] for child in children] == [0, 0, 0]
    """
    subprocess.run([sys.executable, "-c", textwrap.dedent(script)], check=True)
    assert (found.counters[BEGUN] - first, pending(found)) == (3 * 7 * TIMES, 0)


def test_evened_out_writes_are_not_counted_again_when_they_end_late(tmp_path: Path) -> None:
    found = opened(tmp_path)
    late, begun = found.begin(), found.counters[BEGUN]
    assert pending(found) == 1
    assert found.even_out(begun)
    assert (found.counters[BEGUN], pending(found)) == (begun + 1, 0)
    found.end(late)
    assert pending(found) == 0
    assert not found.even_out(found.counters[BEGUN])  # nothing to do


def test_nothing_is_evened_out_once_another_has_begun(tmp_path: Path) -> None:
    found = opened(tmp_path)
    found.begin()
    begun = found.counters[BEGUN]
    other = found.begin()
    assert not found.even_out(begun)
    assert pending(found) == 2
    found.end(other)
    assert pending(found) == 1


def test_who_shares_the_file_is_the_same_machine(tmp_path: Path) -> None:
    assert opened(tmp_path).machine == opened(tmp_path).machine


def test_a_copy_of_the_folder_is_another_machine(tmp_path: Path) -> None:
    here = tmp_path / "here"
    first = opened(here)
    shutil.copytree(here, tmp_path / "there")
    assert opened(tmp_path / "there").machine != first.machine


def test_a_file_made_anew_is_another_machine_and_counts_on(tmp_path: Path) -> None:
    shared = in_folder(tmp_path)
    first = shared.look()
    assert first is not None
    (tmp_path / NAME).unlink()
    second = shared.look()
    assert second is not None
    assert second.machine != first.machine
    assert second.counters[BEGUN] > first.counters[BEGUN]


def test_the_same_folder_on_another_computer_is_another_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where a folder lies on a network disk: memory is not shared, whatever the files say."""
    first = opened(tmp_path / "instance")
    started = tmp_path / "boot_id"
    started.write_text("another start, or another computer\n")
    monkeypatch.setattr(tally, "_BOOT", started)
    assert opened(tmp_path / "instance").machine != first.machine
    monkeypatch.setattr(tally, "_BOOT", tmp_path / "not on this system")
    assert opened(tmp_path / "instance").machine != first.machine


def test_an_emptied_file_is_not_believed(tmp_path: Path) -> None:
    opened(tmp_path)
    (tmp_path / NAME).write_bytes(b"")
    assert in_folder(tmp_path).look() is None


def test_where_no_file_can_be_made_nothing_is_counted(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file, not a folder")
    assert in_folder(tmp_path / "taken").look() is None
