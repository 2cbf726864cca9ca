"""How many runs of one agent there may be: a place is taken before the claim."""

import threading


class Room:
    """A place is released when the last process of its run is gone, not when the task is done: so
    there are never more runs than places.
    """

    def __init__(self, places: int) -> None:
        self._free = places
        self._closed = False
        self._changed = threading.Condition()

    def take(self) -> bool:
        """Wait for a place; False once closed."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._free > 0)
            if self._closed:
                return False
            self._free -= 1
            return True

    def give(self) -> None:
        with self._changed:
            self._free += 1
            self._changed.notify()

    def close(self) -> None:
        """Give out no more places."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
