"""Which of several processes runs the server: the one that holds the lock of the data folder.

Every process has a keeper, a thread that tries for an exclusive lock on one file. The one that
gets it serves until it is told to stop; the server inherits the locked file, so that the lock is
free only once the server *and* its keeper are gone, and never while a server still runs.
"""

import fcntl
import os
import threading
from collections.abc import Callable
from typing import Final

PAUSE_S: Final = 0.1
"""How often a keeper looks again. A setting. (A thread that blocks on a lock cannot be stopped.)"""


class Keeper:
    """A thread that calls `serve` whenever this process is the one to serve.

    Args:
        open_lock: opens the file to hold, and returns its descriptor.
        serve: is given the locked file's descriptor and an event, and returns once the event is
            set. An error that it raises ends the keeper, and stands in `failure`.
    """

    def __init__(
        self, open_lock: Callable[[], int], serve: Callable[[int, threading.Event], None]
    ) -> None:
        self._open_lock = open_lock
        self._serve = serve
        self._stopping = threading.Event()
        # A daemon: a process that just ends must not wait for it. The server stops with it.
        self._thread = threading.Thread(target=self._keep, name="database-keeper", daemon=True)
        self.is_serving = False
        self.failure: Exception | None = None

    def start(self) -> None:
        """Start to try for the lock."""
        self._thread.start()

    def stop(self) -> None:
        """Stop serving or trying, and return when that is done."""
        self._stopping.set()
        if self._thread.ident is not None:
            self._thread.join()

    def _keep(self) -> None:
        try:
            lock = self._open_lock()
            try:
                while not self._stopping.is_set():
                    if _try_lock(lock):
                        self.is_serving = True
                        self._serve(lock, self._stopping)
                    else:
                        self._stopping.wait(PAUSE_S)
            finally:
                # Closed, never unlocked: unlocking would also free the server's share of it.
                os.close(lock)
                self.is_serving = False
        except Exception as error:  # noqa: BLE001 -- the outermost loop of a thread; `start` of the server raises it
            self.failure = error


def _try_lock(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
