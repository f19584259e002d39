"""A bounded load of keep-alive connections that notices every request that is lost."""

import threading
import time

import programs


class Load:
    """Sends request after request on `connections` connections, until stop(), or until the server says `Connection: close` on them,
    unless it is to connect again then."""

    def __init__(self, port, connections=8, text="Where is the card that I ordered two weeks ago?", reconnect=False):
        self._text = text
        self.answered = 0
        self.failures = []
        self.slowest = 0.0  # seconds
        self._reconnect = reconnect
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._run, args=(port,)) for _ in range(connections)]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        self._stop.set()
        self.join()

    def join(self, timeout=programs.STOP_TIMEOUT):
        """Returns when every connection has ended."""
        for thread in self._threads:
            thread.join(timeout)
            assert not thread.is_alive(), "a connection of the load hangs"

    def await_answers(self, count):
        programs.eventually(lambda: self.answered >= count or self.failures, f"{count} answers under load")

    def _run(self, port):
        while self._connect(port) and self._reconnect:
            pass

    def _connect(self, port):
        """Whether the server has ended the connection, and not a failure or stop()."""
        with programs.Http(port) as connection:
            while not self._stop.is_set():
                began = time.monotonic()
                try:
                    status, headers, body = connection.classify(self._text)
                except Exception as error:  # whatever it is, a request was lost
                    with self._lock:
                        self.failures.append(repr(error))
                    return self._reconnect
                with self._lock:
                    self.slowest = max(self.slowest, time.monotonic() - began)
                    if status == 200:
                        self.answered += 1
                    else:
                        self.failures.append((status, body))
                if headers.get("Connection", "").lower() == "close":
                    return True
        return False
