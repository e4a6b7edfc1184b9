"""
Who stands in the way of a network of the ladder, or tells its names?

`ladder_roles.py ROLE ARGUMENT...`, run inside a namespace: `dns` answers as it is told, `portal` shows a page to everybody, `intercept` opens TLS with
a certificate of its own and goes on to the server, `relay` carries connections on to another address, `router` answers each
solicitation with given advertisements, `capture` writes down each IPv4 packet that leaves. Each prints `ready`.

It does not prove: how a certain product does these things.
"""

import contextlib
import json
import socket
import ssl
import struct
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))  # it is run by itself, isolated

PAGE = b"HTTP/1.1 302 Found\r\nLocation: http://portal.school.test/\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
OUTGOING = 4  # PACKET_OUTGOING, linux/if_packet.h
IPV4 = 0x0800


def ready() -> None:
    """Whoever started this waits for it."""
    print("ready", flush=True)


# --- names ------------------------------------------------------------------------------------------------------------


def dns(path: str) -> None:
    """Answer on port 53 of every address from a file of JSON: names by type, and how to misbehave."""
    told = json.loads(Path(path).read_text())
    for family, address in ((socket.AF_INET, "0.0.0.0"), (socket.AF_INET6, "::")):
        server = socket.socket(family, socket.SOCK_DGRAM)
        if family == socket.AF_INET6:
            server.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        server.bind((address, 53))
        threading.Thread(target=serve_names, args=(server, told)).start()
    ready()


def serve_names(server: socket.socket, told: dict[str, Any]) -> None:
    """Every question gets its answer after the delay that was told, in a thread of its own."""
    while True:
        octets, source = server.recvfrom(4096)
        threading.Thread(target=answer, args=(server, octets, source, told)).start()


def answer(server: socket.socket, octets: bytes, source: tuple[Any, ...], told: dict[str, Any]) -> None:
    """One answer: silence, an error for AAAA, no AAAA, or what the file says."""
    import dns.flags
    import dns.message
    import dns.rcode
    import dns.rdatatype
    import dns.rrset

    query = dns.message.from_wire(octets)
    question = query.question[0]
    kind, name = dns.rdatatype.to_text(question.rdtype), str(question.name).rstrip(".")
    if told.get("silent"):
        return
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


def listener(port: int) -> socket.socket:
    """A listening socket for IPv6."""
    return socket.create_server(("::", port), family=socket.AF_INET6, backlog=64)


def accepting(server: socket.socket, attend: Callable[[socket.socket], None]) -> None:
    """Each connection in a thread of its own; one that is torn is over."""

    def guarded(connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            attend(connection)

    while True:
        connection, _ = server.accept()
        threading.Thread(target=guarded, args=(connection,)).start()


def portal(certificate: str, plain: str, secured: str) -> None:
    """A page for whoever asks for anything, with TLS and without."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)

    def page(connection: socket.socket) -> None:
        connection.recv(4096)
        connection.sendall(PAGE)

    def page_in_tls(connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True) as inside:
            page(inside)

    servers = [(listener(int(plain)), page), (listener(int(secured)), page_in_tls)]
    ready()
    for server, attend in servers:
        threading.Thread(target=accepting, args=(server, attend)).start()


def intercept(certificate: str, port: str, to: str) -> None:
    """Open TLS here, and go on to the server in a TLS of our own."""
    ours = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ours.load_cert_chain(certificate)
    theirs = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    theirs.check_hostname = False
    theirs.verify_mode = ssl.CERT_NONE

    def between(connection: socket.socket) -> None:
        with ours.wrap_socket(connection, server_side=True) as one, socket.create_connection((to, 443)) as raw:
            with theirs.wrap_socket(raw, server_hostname="x") as other:
                carried(one, other)

    server = listener(int(port))
    ready()
    accepting(server, between)


def relay(port: str, to: str) -> None:
    """Carry each connection on to another address, octet for octet."""

    def between(connection: socket.socket) -> None:
        with socket.create_connection((to, 443)) as other:
            carried(connection, other)

    server = listener(int(port))
    ready()
    accepting(server, between)


def carried(one: socket.socket, other: socket.socket) -> None:
    """Both ways until one of them ends."""

    def one_way(source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while octets := source.recv(65536):
                sink.sendall(octets)
            sink.shutdown(socket.SHUT_WR)

    back = threading.Thread(target=one_way, args=(other, one))
    back.start()
    one_way(one, other)
    back.join()


# --- the link ---------------------------------------------------------------------------------------------------------


def router(interface: str, *messages: str) -> None:
    """Answer each solicitation with these ICMPv6 messages (hex)."""
    from probes._ipv6.icmp import open_socket

    heard = open_socket(interface, 133)
    index = socket.if_nametoindex(interface)
    group = socket.inet_pton(socket.AF_INET6, "ff02::2") + struct.pack("=I", index)
    heard.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP, group)
    ready()
    while True:
        heard.recvfrom(1500)
        for message in messages:
            heard.sendto(bytes.fromhex(message), ("ff02::1", 0, 0, index))


def capture(interface: str) -> None:
    """Each IPv4 packet that leaves by an interface: protocol, destination, destination port."""
    tap = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(IPV4))
    tap.bind((interface, IPV4))
    ready()
    while True:
        octets, source = tap.recvfrom(65536)
        if source[2] == OUTGOING:
            header = (octets[0] & 15) * 4
            port = int.from_bytes(octets[header + 2 : header + 4])
            print(octets[9], socket.inet_ntoa(octets[16:20]), port, flush=True)


ROLES = {one.__name__: one for one in (dns, portal, intercept, relay, router, capture)}

if __name__ == "__main__":
    ROLES[sys.argv[1]](*sys.argv[2:])
