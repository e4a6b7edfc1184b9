"""
Did a person at this box start this probe, or the agent?

*Method*: the agent has the kernel end its probes with it (PR_SET_PDEATHSIG, prctl(2)); the kernel tells whether that was asked. No
setting can say otherwise, so that no order can. Who starts a probe in the same way is taken for the agent, never the other way round.
"""

from __future__ import annotations

import ctypes

PR_GET_PDEATHSIG = 2  # prctl(2)


def is_by_hand() -> bool:
    """Whether this process outlives the one that started it; raises OSError where the kernel does not tell."""
    signal = ctypes.c_int(0)
    if ctypes.CDLL(None, use_errno=True).prctl(PR_GET_PDEATHSIG, ctypes.byref(signal)):
        raise OSError(ctypes.get_errno(), "prctl(PR_GET_PDEATHSIG)")
    return signal.value == 0
