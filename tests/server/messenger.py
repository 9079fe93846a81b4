"""Stands for a command that the warm process runs (warm.py): `messenger.py SOCKET ARGUMENT …`."""

from __future__ import annotations

import marshal
import os
import signal
import socket
import sys

PASSED_ON = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1)


def main() -> None:
    """Hand everything over, pass signals on, end as the command ends."""
    with socket.socket(socket.AF_UNIX) as warm:
        signal.pthread_sigmask(signal.SIG_BLOCK, PASSED_ON)  # until it is known whom they are for
        warm.connect(sys.argv[1])
        told = marshal.dumps((sys.argv[2:], dict(os.environ), os.getcwd()))  # noqa: PTH109 - pathlib takes longer to import than all the rest
        socket.send_fds(warm, [len(told).to_bytes(4, "big")], [0, 1, 2])
        warm.sendall(told)
        for file in range(3):
            os.close(file)
        command = int.from_bytes(warm.recv(4), "big")
        for number in PASSED_ON:
            signal.signal(number, lambda number, _: os.kill(command, number))
        signal.pthread_sigmask(signal.SIG_UNBLOCK, PASSED_ON)
        code = int.from_bytes(warm.recv(4), "big", signed=True)
    if code < 0:
        signal.signal(-code, signal.SIG_DFL)
        os.kill(os.getpid(), -code)
    os._exit(code)


main()
