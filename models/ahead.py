"""Work that begins before its result is needed. Knows threads, not what they work on."""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Generic, TypeVar

Result = TypeVar("Result")


class Ahead(Generic[Result]):
    """Work on a thread of its own; whoever needs the result waits for what is left of it.

    Worth it for work that lets go of the interpreter's lock, or whose result is needed after something that does.
    """

    def __init__(self, work: Callable[[], Result], name: str = "ahead") -> None:
        self._future: Future[Result] = Future()
        threading.Thread(target=self._run, args=(work,), name=name).start()

    def result(self) -> Result:
        """The result, or whatever `work` raised."""
        return self._future.result()

    def _run(self, work: Callable[[], Result]) -> None:
        try:
            result = work()
        except BaseException as error:  # noqa: BLE001 - it belongs to whoever asks for the result
            self._future.set_exception(error)
        else:
            self._future.set_result(result)
