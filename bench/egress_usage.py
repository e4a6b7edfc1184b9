"""
What does a command cost? `egress_usage.py FILE COMMAND...` runs it and writes processor seconds and largest memory of it and its children.

It stands alone: it is put before a command on a machine of the lab.
"""

import json
import resource
import subprocess
import sys
from pathlib import Path


def main() -> int:
    """Run, write, and end as the command did."""
    status = subprocess.run(sys.argv[2:], check=False).returncode
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    told = {"user_s": used.ru_utime, "system_s": used.ru_stime, "rss_mb": used.ru_maxrss / 1024}
    Path(sys.argv[1]).write_text(json.dumps(told), "utf-8")
    return status


if __name__ == "__main__":
    sys.exit(main())
