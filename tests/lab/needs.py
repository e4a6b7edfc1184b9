"""
Can the virtual school run on this machine, and if not, what is missing?

Method: the things that a school needs are looked for, one by one, and a namespace is really made once. This says
nothing of whether the daemons will like their configuration: `readiness.py` says that.
"""

import os
import shutil
import subprocess
from pathlib import Path

PACKAGE_OF = {
    "dnsmasq": "dnsmasq-base",
    "ethtool": "ethtool",
    "ip": "iproute2",
    "iperf3": "iperf3",
    "lldpcli": "lldpd",
    "lldpd": "lldpd",
    "mount": "mount",
    "openssl": "openssl",
    "nft": "nftables",
    "nginx": "nginx-light",
    "nsenter": "util-linux",
    "radvd": "radvd",
    "rsyslogd": "rsyslog",
    "setpriv": "util-linux",
    "snmpd": "snmpd",
    "snmpget": "snmp",
    "snmpwalk": "snmp",
    "ss": "iproute2",
    "tc": "iproute2",
    "unbound": "unbound",
    "unshare": "util-linux",
}
GUEST_PACKAGE_OF = {
    "busybox": "busybox-static",
    "hostapd": "hostapd",
    "iw": "iw",
    "qemu-system-x86_64": "qemu-system-x86",
    "setpriv": "util-linux",
    "wpa_cli": "wpasupplicant",
    "wpa_supplicant": "wpasupplicant",
}
"""What the guest with simulated radios needs beside Debian's kernel, which `tests/lab/guest/kernel.py` fetches."""

PACKAGES = tuple(sorted(set(PACKAGE_OF.values())))
"""What `apt-get install --no-install-recommends` has to be given on Debian 12."""

PATH = os.environ.get("PATH", os.defpath) + ":/usr/local/sbin:/usr/sbin:/sbin:/usr/bin:/bin"
"""Where programs are looked for: most daemons live in sbin folders, which not every PATH holds."""


def missing(path: str = PATH) -> list[str]:
    """Say in words each thing that keeps a school from running here with the programs on `path`; an empty list means that it can run."""
    if os.geteuid() != 0:
        return ["not root (network namespaces and taps need it): run as root, for example with sudo"]
    absent = [f"no {name} (apt package {package})" for name, package in PACKAGE_OF.items() if not program(name, path)]
    if not Path("/dev/net/tun").is_char_device():
        absent.append("no /dev/net/tun (the kernel's tun driver; apt package: none, in a container pass the device in)")
    if program("unshare", path) and not _may_make_namespaces():
        absent.append("no right to make namespaces (`unshare --net --mount --pid` is refused; apt package: none)")
    return absent


def missing_for_guest(path: str = PATH) -> list[str]:
    """Say in words each program that the guest with simulated radios lacks; the kernel is looked for when it is fetched."""
    return [
        f"no {name} (apt package {package})" for name, package in GUEST_PACKAGE_OF.items() if not program(name, path)
    ]


def program(name: str, path: str = PATH) -> str | None:
    """Find the path of a program, sbin folders included; None if there is none."""
    return shutil.which(name, path=path)


def _may_make_namespaces() -> bool:
    """Try it: some containers refuse even root."""
    asked = ["unshare", "--net", "--mount", "--uts", "--pid", "--fork", "--propagation", "unchanged", "true"]
    return subprocess.run(asked, capture_output=True, check=False, env={"PATH": PATH}).returncode == 0
