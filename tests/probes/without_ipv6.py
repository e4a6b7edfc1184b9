"""
Run a command as on a kernel that has no IPv6: every socket of that family is refused with EAFNOSUPPORT.

`python without_ipv6.py COMMAND...`. A filter of the kernel's own (seccomp(2), mode 2) does it, for the command and all that it starts.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import socket
import struct
import sys

PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, MODE_FILTER = 38, 22, 2  # prctl(2)
LOAD, SKIP_UNLESS_EQUAL, RETURN = 0x20, 0x15, 0x06  # linux/bpf_common.h
ALLOW, REFUSE = 0x7FFF0000, 0x00050000  # linux/seccomp.h
SOCKET_CALL = {"x86_64": 41, "aarch64": 198}
NUMBER, FAMILY = 0, 16  # where they stand in struct seccomp_data


class Program(ctypes.Structure):
    """struct sock_fprog: how many instructions, and where."""

    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


def main() -> None:
    """Install the filter and become the command."""
    steps = [
        (LOAD, 0, 0, NUMBER),
        (SKIP_UNLESS_EQUAL, 0, 3, SOCKET_CALL[platform.machine()]),
        (LOAD, 0, 0, FAMILY),
        (SKIP_UNLESS_EQUAL, 0, 1, int(socket.AF_INET6)),
        (RETURN, 0, 0, REFUSE | errno.EAFNOSUPPORT),
        (RETURN, 0, 0, ALLOW),
    ]
    code = b"".join(struct.pack("=HBBI", *step) for step in steps)
    libc = ctypes.CDLL(None, use_errno=True)
    program = Program(len(steps), code)
    for words in ((PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), (PR_SET_SECCOMP, MODE_FILTER, ctypes.byref(program))):
        if libc.prctl(*words):
            raise OSError(ctypes.get_errno(), "prctl")
    os.execv(sys.argv[1], sys.argv[1:])  # noqa: S606 - the command is the test's own


if __name__ == "__main__":
    main()
