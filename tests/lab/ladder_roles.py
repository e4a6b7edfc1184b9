"""
Who stands in the way of a network of the ladder, or tells its names?

`ladder_roles.py ROLE ARGUMENT...`, run inside a namespace: `dns` answers as a file tells it, `router` answers each solicitation with the
advertisements of a file, `capture` tells on demand each IPv4 packet that has left, `portal` shows a page to everybody, `intercept` opens TLS with
a certificate of its own and goes on to the server, `relay` carries connections on to another address, `lease` takes an address by
DHCPv6, `hear` asks for routers and takes the first answer. Each prints `ready`, or what it came to.

It does not prove: how a certain product does these things.
"""

import contextlib
import ctypes
import json
import select
import socket
import ssl
import struct
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from ipaddress import IPv6Address
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))  # it is run by itself, isolated

PAGE = b"HTTP/1.1 302 Found\r\nLocation: http://portal.school.test/\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
OUTGOING = 4  # PACKET_OUTGOING, linux/if_packet.h
ETH_P_ALL, ETH_P_IP = 0x0003, 0x0800  # linux/if_ether.h; only who hears all protocols hears what leaves
SOL_PACKET, PACKET_STATISTICS = 263, 6
SO_ATTACH_FILTER, SO_RCVBUFFORCE = 26, 33
ONLY_IPV4_OUT = (  # linux/filter.h: protocol, packet type, then all of the packet or nothing
    (0x28, 0, 0, 0xFFFFF000),
    (0x15, 0, 3, ETH_P_IP),
    (0x28, 0, 0, 0xFFFFF004),
    (0x15, 0, 1, OUTGOING),
    (0x06, 0, 0, 0x40000),
    (0x06, 0, 0, 0),
)
CAPTURED_OCTETS = 8 * 1024 * 1024
SOLICIT, ADVERTISE, REQUEST, REPLY = 1, 2, 3, 7  # RFC 8415 section 7.3
CLIENT_ID, SERVER_ID, IA_NA, IA_ADDRESS, ELAPSED = 1, 2, 3, 5, 8


def ready() -> None:
    """Whoever started this waits for it."""
    print("ready", flush=True)


# --- names ------------------------------------------------------------------------------------------------------------


def dns(path: str) -> None:
    """Answer on port 53 of every address: names by type, and how to misbehave, as the file says at that moment."""
    for family, address in ((socket.AF_INET, "0.0.0.0"), (socket.AF_INET6, "::")):
        server = socket.socket(family, socket.SOCK_DGRAM)
        if family == socket.AF_INET6:
            server.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        server.bind((address, 53))
        threading.Thread(target=serve_names, args=(server, path)).start()
    ready()


def serve_names(server: socket.socket, path: str) -> None:
    """Every question gets its answer after the delay that was told, in a thread of its own."""
    while True:
        octets, source = server.recvfrom(4096)
        told = json.loads(Path(path).read_text())
        if not told.get("silent"):
            threading.Thread(target=answer, args=(server, octets, source, told)).start()


def answer(server: socket.socket, octets: bytes, source: Any, told: dict[str, Any]) -> None:
    """One answer: an error for AAAA, no AAAA, or what the file says."""
    import dns.flags
    import dns.message
    import dns.rcode
    import dns.rdatatype
    import dns.rrset

    query = dns.message.from_wire(octets)
    question = query.question[0]
    kind, name = dns.rdatatype.to_text(question.rdtype), str(question.name).rstrip(".")
    time.sleep(told.get("delay_s", 0) if kind == "AAAA" else 0)
    reply = dns.message.make_response(query)
    reply.flags |= dns.flags.RA
    records = told["names"].get(name, {})
    if kind == "AAAA" and told.get("servfail"):
        reply.set_rcode(dns.rcode.SERVFAIL)
    elif records.get(kind) and not (kind == "AAAA" and told.get("filtered")):
        reply.answer = [dns.rrset.from_text(question.name, 60, "IN", kind, *records[kind])]
    elif not records:
        reply.set_rcode(dns.rcode.NXDOMAIN)
    server.sendto(reply.to_wire(), source)


# --- what stands in the way -------------------------------------------------------------------------------------------


def listener(port: str) -> socket.socket:
    """A listening socket for IPv6."""
    return socket.create_server(("::", int(port)), family=socket.AF_INET6, backlog=64)


def accepting(server: socket.socket, attend: Callable[[socket.socket], None]) -> None:
    """Each connection in a thread of its own; one that is torn is over."""

    def guarded(connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            attend(connection)

    while True:
        connection, _ = server.accept()
        threading.Thread(target=guarded, args=(connection,)).start()


def stranger() -> ssl.SSLContext:
    """TLS of somebody who is not the operator, with a certificate of his own."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.TemporaryDirectory() as folder:
        key, certificate = f"{folder}/key", f"{folder}/certificate"
        made = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
        names = ["-subj", "/CN=portal.school.test", "-keyout", key, "-out", certificate]
        subprocess.run([*made, *names], check=True, capture_output=True)
        context.load_cert_chain(certificate, key)
    return context


def portal(plain: str, secured: str) -> None:
    """A page for whoever asks for anything, with TLS and without."""
    context = stranger()

    def page(connection: socket.socket) -> None:
        connection.recv(4096)
        connection.sendall(PAGE)

    def page_in_tls(connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True) as inside:
            page(inside)

    servers = [(listener(plain), page), (listener(secured), page_in_tls)]
    ready()
    for server, attend in servers:
        threading.Thread(target=accepting, args=(server, attend)).start()


def intercept(port: str, to: str) -> None:
    """Open TLS here, and go on to the server in a TLS of our own."""
    ours = stranger()
    theirs = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    theirs.check_hostname = False
    theirs.verify_mode = ssl.CERT_NONE

    def between(connection: socket.socket) -> None:
        with (
            ours.wrap_socket(connection, server_side=True) as one,
            socket.create_connection((to, 443)) as raw,
            theirs.wrap_socket(raw, server_hostname="x") as other,
        ):
            carried(one, other)

    server = listener(port)
    ready()
    accepting(server, between)


def relay(port: str, to: str) -> None:
    """Carry each connection on to another address, octet for octet."""

    def between(connection: socket.socket) -> None:
        with socket.create_connection((to, 443)) as other:
            carried(connection, other)

    server = listener(port)
    ready()
    accepting(server, between)


def carried(one: socket.socket, other: socket.socket) -> None:
    """Both ways until one of them ends; by one thread, for a TLS connection bears no two at a time."""
    far = {one: other, other: one}
    while True:
        decrypted = [end for end in far if isinstance(end, ssl.SSLSocket) and end.pending()]
        for end in decrypted or select.select([*far], [], [])[0]:
            octets = waiting_at(end)
            if octets == b"":
                return
            far[end].sendall(octets or b"")


def waiting_at(end: socket.socket) -> bytes | None:
    """What has come at one end, empty at its end; None where it was for TLS only."""
    end.setblocking(False)
    try:
        return end.recv(65536)
    except (ssl.SSLWantReadError, BlockingIOError):
        return None
    finally:
        end.setblocking(True)


# --- the link ---------------------------------------------------------------------------------------------------------


def router(interface: str, path: str) -> None:
    """Answer each solicitation with the ICMPv6 messages (hex) that stand in the file at that moment, each from its source."""
    from probes._ipv6.icmp import open_socket, send

    heard = open_socket(interface, 133)
    group = socket.inet_pton(socket.AF_INET6, "ff02::2") + struct.pack("=I", socket.if_nametoindex(interface))
    heard.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP, group)
    ready()
    while True:
        heard.recvfrom(1500)
        for one in json.loads(Path(path).read_text()):
            source = IPv6Address(one["source"]) if one["source"] else None
            send(heard, bytes.fromhex(one["message"]), "ff02::1", interface, source)


def hear(interface: str) -> None:
    """Solicit until a router advertises itself; print the ICMPv6 message in hex."""
    from probes._ipv6.icmp import open_socket, receive, send

    message = None
    with open_socket(interface, 134) as heard:
        while message is None:
            send(heard, struct.pack("!BBHI", 133, 0, 0, 0), "ff02::2", interface)
            message = receive(heard, time.monotonic() + 0.5)
    print(message.octets.hex(), flush=True)


def capture(interface: str) -> None:
    """For each line that comes, each IPv4 packet that has left by an interface since the last: protocol, destination and its port."""
    tap = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, 0)
    program = b"".join(struct.pack("=HBBI", *one) for one in ONLY_IPV4_OUT)
    kept = ctypes.create_string_buffer(program)
    tap.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, struct.pack("@HP", len(ONLY_IPV4_OUT), ctypes.addressof(kept)))
    tap.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, CAPTURED_OCTETS)
    tap.bind((interface, ETH_P_ALL))
    ready()
    for _ in sys.stdin:
        lost = struct.unpack("=II", tap.getsockopt(SOL_PACKET, PACKET_STATISTICS, 8))[1]
        print(json.dumps({"sent": sorted(waiting(tap)), "lost": lost}), flush=True)


def waiting(tap: socket.socket) -> set[tuple[int, str, int]]:
    """What waits in the socket; a packet is in it as soon as its sender has sent it."""
    found = set()
    while select.select([tap], [], [], 0)[0]:
        octets = tap.recv(65536)
        header = (octets[0] & 15) * 4
        found.add((octets[9], socket.inet_ntoa(octets[16:20]), int.from_bytes(octets[header + 2 : header + 4])))
    return found


def lease(interface: str) -> None:
    """Take an address as a client does: SOLICIT, ADVERTISE, REQUEST, REPLY (RFC 8415 section 18.2); print it."""
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, interface.encode())
        client.bind(("::", 546))
        client.settimeout(3)
        me = (CLIENT_ID, struct.pack("!HH6s", 3, 1, b"\x02\0\0\0\0\x77"))
        offer = dhcp_exchange(client, interface, SOLICIT, ADVERTISE, [me, (IA_NA, struct.pack("!III", 1, 0, 0))])
        wanted = [me, (SERVER_ID, offer[SERVER_ID]), (IA_NA, offer[IA_NA])]
        given = dhcp_exchange(client, interface, REQUEST, REPLY, wanted)
    print(IPv6Address(dhcp_options(given[IA_NA][12:])[IA_ADDRESS][:16]), flush=True)


def dhcp_exchange(
    client: socket.socket, interface: str, kind: int, answered: int, options: list[tuple[int, bytes]]
) -> dict[int, bytes]:
    """One question to all servers and the options of the answer."""
    head = bytes([kind]) + bytes([7, 7, kind])
    body = b"".join(struct.pack("!HH", code, len(value)) + value for code, value in [*options, (ELAPSED, bytes(2))])
    client.sendto(head + body, ("ff02::1:2", 547, 0, socket.if_nametoindex(interface)))
    octets = client.recv(4096)
    assert octets[:4] == bytes([answered]) + head[1:], octets.hex()
    return dhcp_options(octets[4:])


def dhcp_options(octets: bytes) -> dict[int, bytes]:
    """Options by their number; each occurs once in what is asked here."""
    found = {}
    while octets:
        code, length = struct.unpack_from("!HH", octets)
        found[code], octets = octets[4 : 4 + length], octets[4 + length :]
    return found


ROLES = {one.__name__: one for one in (dns, portal, intercept, relay, router, hear, capture, lease)}

if __name__ == "__main__":
    ROLES[sys.argv[1]](*sys.argv[2:])
