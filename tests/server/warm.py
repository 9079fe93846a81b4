"""The `triptych` command without the second that its imports take, for tests that start it by the hundred.

One process for each of pytest's workers has imported everything once; each command is a fork of it, with
arguments, environment, directory and files of its own. A small program, which is what a test holds, hands
those over, passes signals on and ends as the command ends.

    test ── starts ──► messenger ── arguments, files ──► warm process ── fork ──► keeper ── fork ──► command

What the imports themselves do is tested with the cold command (test_server_command_start.py).
"""

from __future__ import annotations

import marshal
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

ROOT = Path(__file__).parents[2]
MESSENGER = str(Path(__file__).with_name("messenger.py"))


@contextmanager
def command() -> Iterator[tuple[str, ...]]:
    """What to start instead of `triptych`; its arguments follow."""
    environ = {name: text for name, text in os.environ.items() if not name.startswith("TRIPTYCH_")}
    with tempfile.TemporaryDirectory(prefix="triptych-") as directory:
        path = str(Path(directory, "warm"))
        with subprocess.Popen(
            [sys.executable, "-m", "tests.server.warm", path],
            cwd=ROOT,
            env=environ,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
        ) as warm:  # which ends when its standard input is closed
            assert warm.stdout is not None
            assert warm.stdout.readline() == b"warm\n"
            yield (sys.executable, "-I", "-S", MESSENGER, path)


def serve(path: str) -> None:
    """Fork a command for each messenger. Returns in the command alone, once it is what it should be."""
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path)
    listener.listen(16)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for keepers
    os.write(1, b"warm\n")
    while True:
        ready, _, _ = select.select([listener.fileno(), 0], [], [])
        if 0 in ready:
            os._exit(0)
        messenger, _ = listener.accept()
        if os.fork() == 0:
            listener.close()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            _keep(messenger)
            return
        messenger.close()


def _keep(messenger: socket.socket) -> None:
    """Start the command and tell the messenger how it ended; a messenger that is gone takes it along."""
    first, files, _, _ = socket.recv_fds(messenger, 4, 3)
    size = int.from_bytes(first, "big")
    told = messenger.makefile("rb").read(size)
    command = os.fork()
    if command == 0:
        messenger.close()
        _become(files, *marshal.loads(told))
        return
    for file in (*files, 0, 1, 2):
        os.close(file)
    messenger.send(command.to_bytes(4, "big"))
    Thread(target=_kill_without, args=(messenger, command), daemon=True).start()
    _, status = os.waitpid(command, 0)
    messenger.send(os.waitstatus_to_exitcode(status).to_bytes(4, "big", signed=True))
    os._exit(0)


def _kill_without(messenger: socket.socket, command: int) -> None:
    if messenger.recv(1) == b"":
        os.kill(command, signal.SIGKILL)


def _become(files: list[int], arguments: list[str], environ: dict[str, str], directory: str) -> None:
    for number, file in enumerate(files):
        os.dup2(file, number)
        os.close(file)
    sys.stdin = open(0, closefd=False)  # noqa: SIM115 - they stay open
    sys.stdout = open(1, "w", closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", buffering=1, closefd=False)  # noqa: SIM115
    os.chdir(directory)
    os.environ.clear()
    os.environ.update(environ)
    sys.argv = ["triptych", *arguments]


if __name__ == "__main__":
    import server.app
    import server.cli.app
    import server.run
    import server.sources  # noqa: F401 - what the commands import when they need it
    from sandbox.meshy.world import World as MeshyWorld
    from sandbox.midjourney.fixed import fixed
    from sandbox.pixai.world import World as PixaiWorld
    from server.cli import main

    fixed()  # what every sandbox holds is the same and is made once
    MeshyWorld(0.0)
    PixaiWorld(0.0)
    serve(sys.argv[1])
    main()
