"""
Does a TCP service answer at this address, seen from the machine where this program runs?

`knock.py ADDRESS PORT` prints `open`; with a path it asks for it by HTTP and prints the status line. Exit 1 with the
reason otherwise. It stands alone and imports little, because it is started many times a second while a school comes
up.
"""

import socket
import sys

TIMEOUT_S = 0.5


def knock(address: str, port: int, path: str | None) -> str:
    """Connect, and ask for the path if there is one; OSError says why not."""
    with socket.create_connection((address, port), timeout=TIMEOUT_S) as connection:
        if path is None:
            return "open"
        connection.sendall(f"GET {path} HTTP/1.0\r\nHost: {address}\r\n\r\n".encode())
        return connection.recv(200).decode("latin-1").partition("\r\n")[0]


if __name__ == "__main__":
    try:
        answer = knock(sys.argv[1], int(sys.argv[2]), sys.argv[3] if len(sys.argv) > 3 else None)
    except OSError as error:
        sys.exit(str(error))
    sys.stdout.write(answer + "\n")
