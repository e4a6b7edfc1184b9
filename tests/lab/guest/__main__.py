"""
Is the kernel of the guest there?

`python -m tests.lab.guest` fetches it unless it is. Exit status: 0 if it is there, 1 if it cannot be had, with the reason.
"""

from __future__ import annotations

import sys

from tests.lab.guest.kernel import NoKernel, kernel


def main() -> int:
    """Fetch, and say in one line what came of it."""
    try:
        found = kernel()
    except NoKernel as why:
        sys.stderr.write(f"no kernel for the guest with simulated radios: {why}\n")
        return 1
    sys.stdout.write(f"kernel for the guest with simulated radios: {found.image.parent.name}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
