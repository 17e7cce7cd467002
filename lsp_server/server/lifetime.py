"""A server without an editor has no reason to live: besides the end of its input, it watches the process that started
it."""

import asyncio
import os

INTERVAL_S = 3.0
"""How often the process is looked for."""


async def wait_until_gone(process_id: int) -> None:
    """Return once there is no such process any more."""
    while is_alive(process_id):
        await asyncio.sleep(INTERVAL_S)


def is_alive(process_id: int) -> bool:
    """Whether there is such a process. On Windows the answer is always no: there asking would end it."""
    if os.name == "nt" or process_id <= 0:
        return False
    try:
        os.kill(process_id, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:  # it is there, and not ours to touch
        return True
    return True
