"""Processes that are measured: started on cores of their own, CPU and memory read, ended by their group.

CPU and memory come from Linux's /proc and are those of the process and all its descendants.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path

TICK = 1 / os.sysconf("SC_CLK_TCK")  # seconds: CPU is told in these
_PAGE = os.sysconf("SC_PAGE_SIZE")
_PAUSE = 0.05  # seconds between two looks at whether anything of the last round is left
_IDLE = 0.1  # of a core: what timers of a server that does nothing use


def cores() -> tuple[set[int], set[int]]:
    """For the measured server; for the load generator and the stub. One core in all: the same for both."""
    ours = sorted(os.sched_getaffinity(0))
    return {ours[0]}, set(ours[1:]) or {ours[0]}


class Process:
    """One program and whatever it starts. log: where both its outputs go."""

    def __init__(
        self,
        command: Sequence[str],
        environ: Mapping[str, str],
        folder: Path,
        log: Path,
        on: Collection[int],
    ) -> None:
        self.log = log
        # taskset before it starts: threads and workers that it makes at once are pinned as well
        pinned = ["taskset", "-c", ",".join(map(str, sorted(on))), *command]
        with log.open("wb") as output:
            self._popen = subprocess.Popen(
                pinned,
                env=dict(environ),
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def has_ended(self) -> bool:
        """By itself."""
        return self._popen.poll() is not None

    def cpu(self) -> float:
        """Seconds so far."""
        # after the name, which may hold spaces: utime and stime are fields 14 and 15, children's follow
        fields = [_stat(pid) for pid in self._family()]
        return sum(sum(map(int, one[11:15])) for one in fields if one) * TICK

    def memory(self) -> int:
        """Bytes that are resident."""
        fields = [_stat(pid) for pid in self._family()]
        return sum(int(one[21]) for one in fields if one) * _PAGE

    def wanted(self) -> float:
        """Seconds so far in which it ran or waited for its core; more than the clock's with many threads."""
        return sum(map(_scheduled, self._threads())) / 1e9

    def stop(self) -> None:
        """End its group, by force after five seconds."""
        for number in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(self._popen.pid, number)
                self._popen.wait(5)
            except ProcessLookupError:
                return
            except subprocess.TimeoutExpired:
                continue

    def _threads(self) -> Iterator[Path]:
        for pid in self._family():
            yield from Path(f"/proc/{pid}/task").glob("*/schedstat")

    def _family(self) -> list[int]:
        found, left = [], [self._popen.pid]
        while left:
            found.append(pid := left.pop())
            for task in Path(f"/proc/{pid}/task").glob("*/children"):
                left += map(int, task.read_text().split())
        return found


def settle(processes: Sequence[Process], seconds: float = 30.0) -> None:
    """Wait until they have stopped working: what was asked and not waited for is still computed.

    One that stands in line for a busy core uses none of it and is not idle: waiting counts.
    """
    end = time.monotonic() + seconds
    before = [process.wanted() for process in processes]
    while time.monotonic() < end:
        time.sleep(_PAUSE)
        now = [process.wanted() for process in processes]
        if all(new - old <= _IDLE * _PAUSE for new, old in zip(now, before, strict=True)):
            return
        before = now


def _scheduled(file: Path) -> int:
    # nanoseconds on the core, nanoseconds waiting for it, and how often
    try:
        ran, waited, _ = map(int, file.read_text().split())
    except OSError:  # it ended meanwhile
        return 0
    return ran + waited


def _stat(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:  # it ended meanwhile
        return []
