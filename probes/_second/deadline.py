"""How does a library that knows no deadline keep one?"""

from __future__ import annotations

import threading
from collections.abc import Callable
from queue import Empty, SimpleQueue
from typing import TypeVar

from evidence.model import Failure, Unmeasurable

Result = TypeVar("Result")


def within(limit_s: float, work: Callable[[], Result], stop: threading.Event) -> Result:
    """
    What `work` gives or raises as Unmeasurable; raises Unmeasurable when the time is over, and sets `stop`.

    The work is done by a daemon thread, and so are the threads that it starts: none of them keeps the process alive.
    """
    answers: SimpleQueue[Result | Unmeasurable] = SimpleQueue()
    ended = threading.Event()

    def labour() -> None:
        try:
            answers.put(work())
        except Unmeasurable as why:
            answers.put(why)
        finally:
            ended.set()

    threading.Thread(target=labour, daemon=True).start()
    in_time = ended.wait(limit_s)
    stop.set()
    if not in_time:
        raise Unmeasurable(Failure.TIMED_OUT, f"not ended within {limit_s:.0f} s")
    try:
        answer = answers.get_nowait()
    except Empty:
        raise RuntimeError("the work ended without an answer; its trace is on standard error") from None
    if isinstance(answer, Unmeasurable):
        raise answer
    return answer
