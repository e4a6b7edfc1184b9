"""
What does the witness tell on a machine of its own?

`python -m tests.probes.wan.look SWITCHES` polls the devices (a JSON list) until its standard input ends; each line there is a
window, two moments of the monotonic clock, which all machines of one host share; a JSON object a line answers.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict

from probes._egress.witness import watching
from probes._stimulus.settings import Watched


def main(switches: str) -> None:
    """Look, and answer for windows."""
    with watching([Watched.model_validate(one) for one in json.loads(switches)], timeout_s=1.0) as witness:
        sys.stdout.write("looking\n")
        sys.stdout.flush()
        for line in sys.stdin:
            from_s, to_s = map(float, line.split())
            sys.stdout.write(json.dumps(asdict(witness.rates(from_s, to_s))) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1])
