"""Does L4 take the answer of the resolver that it asked, and nothing else? A real server on the loopback of a host of our own."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.probes.face import ROOT
from tests.probes.lane import CLIMB, FOUR, KEY, SIX, Climbed
from tests.probes.spaces import Host, running, until

# Before each answer it sends what is no message, and then a forged answer whose number is not the one of the question.
SERVER = """
import socket, sys, dns.message, dns.rdatatype, dns.rrset
true, forged = {"AAAA": sys.argv[1], "A": sys.argv[2]}, {"AAAA": "2001:db8:bad::1", "A": "192.0.2.66"}
server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind(("127.0.0.1", 53))
while True:
    octets, peer = server.recvfrom(4096)
    asked = dns.message.from_wire(octets)
    name, kind = asked.question[0].name, dns.rdatatype.to_text(asked.question[0].rdtype)
    server.sendto(b"no message", peer)
    for number, addresses in ((asked.id ^ 1, forged), (asked.id, true)):
        reply = dns.message.make_response(asked)
        reply.id = number
        if name.to_text().startswith("ds."):
            reply.answer.append(dns.rrset.from_text(name, 60, "IN", kind, addresses[kind]))
        server.sendto(reply.to_wire(), peer)
"""


@pytest.fixture
def misled(desk: Host, tmp_path: Path) -> Iterator[Host]:
    """A host whose only resolver's answers come after others' datagrams."""
    (tmp_path / "resolv.conf").write_text("nameserver 127.0.0.1\n")
    desk.run("mount", "--bind", str(tmp_path / "resolv.conf"), "/etc/resolv.conf")
    with running([*desk.inside, sys.executable, "-c", SERVER, SIX, FOUR], tmp_path / "log") as child:
        until(lambda: desk.listens(53) or child.poll() is not None, "the name server")
        assert child.poll() is None, (tmp_path / "log").read_text()
        yield desk


def climbed(desk: Host, **settings: Any) -> Climbed:
    """L4 at this desk."""
    echo = {"zone": "echo.test", "server_key": KEY, "v6": SIX, "v4": FOUR}
    command = [*desk.inside, sys.executable, "-W", "error", "-c", CLIMB, "names"]
    command += [json.dumps({"echo": echo} | settings), json.dumps([None, None])]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    return Climbed(*json.loads(done.stdout))


def test_strays(misled: Host) -> None:
    """What is no answer to the question is passed over, as the answer behind it is still to come."""
    rung = climbed(misled)

    questions = {one["name"] + " " + one["kind"]: one["addresses"] for one in rung.raws["dns.json"]}
    assert (rung.code, questions["ds.echo.test AAAA"], questions["ds.echo.test A"]) == ("NO_V6_RESOLVER", [SIX], [FOUR])
