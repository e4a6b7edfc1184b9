"""
What does a vantage see outside? A root, a zone `cn`, a school's zone and its site, on addresses of one namespace.

Name servers by dnspython: each address serves the zones that the specification gives it and refers below them; one address is a
resolver that knows all. Pages by the standard library's server, with TLS. `python little_internet.py SPEC` runs until killed; `world`
writes a specification.
"""

from __future__ import annotations

import datetime
import http.server
import ipaddress
import json
import socket
import ssl
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.rrset
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.probes.spaces import Host, running, until

SITE, ZONE = "www.school.cn", "school.cn"
RESOLVER = "198.51.100.53"
ADDRESSES = {
    "root": ["198.51.100.1", "2001:db8:53::1"],
    "cn": ["198.51.100.2", "2001:db8:53::2"],
    "one": ["198.51.100.3", "2001:db8:53::3"],
    "two": ["198.51.100.4", "2001:db8:53::4"],
    "site": ["198.51.100.80", "2001:db8:80::80"],
    "spare": ["198.51.100.81", "2001:db8:80::81"],
}
HOME = "<html><title>School</title><p>News of the school, as long as a page has them.</p>{links}<i>{nonce}</i></html>"
LAB = ["198.51.100.0/24", "2001:db8::/32"]

Records = list[list[str]]
Spec = dict[str, Any]


def world(**pages: str) -> Spec:
    """A healthy internet: every zone served over both families, one site whose pages (by path) are the same over both."""
    v4, v6 = ADDRESSES["site"]
    records: Records = [
        [".", "NS", "ns.root"],
        ["ns.root", "A", ADDRESSES["root"][0]],
        ["ns.root", "AAAA", ADDRESSES["root"][1]],
        ["cn", "NS", "ns.cn"],
        ["ns.cn", "A", ADDRESSES["cn"][0]],
        ["ns.cn", "AAAA", ADDRESSES["cn"][1]],
        [ZONE, "NS", f"ns1.{ZONE}"],
        [ZONE, "NS", f"ns2.{ZONE}"],
        *([f"ns{n}.{ZONE}", kind, a] for n, key in ((1, "one"), (2, "two")) for kind, a in _both(key)),
        [SITE, "A", v4],
        [SITE, "AAAA", v6],
        *([zone, "SOA", "ns.root. h.root. 1 60 60 60 60"] for zone in (".", "cn", ZONE)),
    ]
    served = {".": "root", "cn": "cn", ZONE: "one"}
    serving = {address: [zone] for zone, key in served.items() for address in ADDRESSES[key]}
    serving |= {address: [ZONE] for address in ADDRESSES["two"]}
    home = {"/": {"body": HOME}, "/robots.txt": {"body": "User-agent: *\nAllow: /\n"}}
    given = {path: {"body": body} for path, body in pages.items()}
    both = home | given
    return {"records": records, "serving": serving, "sites": {v4: dict(both), v6: dict(both)}}


def _both(key: str) -> list[tuple[str, str]]:
    return list(zip(("A", "AAAA"), ADDRESSES[key], strict=True))


def settled(street: tuple[Host, Host]) -> None:
    """The vantage on one side, everything else on the other."""
    desk, router = street
    desk.ip("addr", "replace", "198.51.100.254/24", "dev", "ge0")
    desk.ip("addr", "replace", "2001:db8::254/32", "dev", "ge0", "nodad")
    for v4, v6 in (*ADDRESSES.values(), [RESOLVER, "2001:db8:53::53"]):
        router.ip("addr", "replace", f"{v4}/24", "dev", "lan0")
        router.ip("addr", "replace", f"{v6}/32", "dev", "lan0", "nodad")


@contextmanager
def internet(router: Host, folder: Path, spec: Spec) -> Iterator[None]:
    """Run it in a namespace; what it is asked stands in `internet.log`."""
    if not (folder / "leaf.pem").exists():
        certificates(folder)
    spec = {"certificate": str(folder / "leaf.pem"), **spec}
    (folder / "spec.json").write_text(json.dumps(spec))
    command = [*router.inside, "env", f"PYTHONPATH={Path(__file__).parents[2]}", sys.executable, __file__]
    log = folder / "internet.log"
    with running([*command, str(folder / "spec.json")], log) as child:
        until(lambda: "ready" in log.read_text() or child.poll() is not None, "the little internet")
        assert child.poll() is None, log.read_text()
        yield


def certificates(folder: Path, name: str = SITE) -> None:
    """An authority `ca.pem`, and a key with a certificate for one name in `leaf.pem`."""
    authority, leaf = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Little authority")])
    start = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
    base = x509.CertificateBuilder().issuer_name(issuer).not_valid_before(start)
    base = base.not_valid_after(start + datetime.timedelta(days=365 * 80))
    own = base.subject_name(issuer).public_key(authority.public_key()).serial_number(1)
    usage = x509.KeyUsage(True, False, False, False, False, True, True, False, False)
    own = own.add_extension(x509.BasicConstraints(True, None), True).add_extension(usage, True)
    own = own.add_extension(x509.SubjectKeyIdentifier.from_public_key(authority.public_key()), False)
    signed = base.subject_name(x509.Name([])).public_key(leaf.public_key()).serial_number(2)
    signed = signed.add_extension(x509.SubjectAlternativeName([x509.DNSName(name), x509.DNSName(f"*.{ZONE}")]), True)
    key_of = x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.public_key())
    signed = signed.add_extension(key_of, False)
    pem = serialization.Encoding.PEM
    (folder / "ca.pem").write_bytes(own.sign(authority, hashes.SHA256()).public_bytes(pem))
    form, none = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    key = leaf.private_bytes(pem, form, none)
    (folder / "leaf.pem").write_bytes(key + signed.sign(authority, hashes.SHA256()).public_bytes(pem))


# --- Name servers ------------------------------------------------------------------------------------------------------


class Servers:
    """All name servers of the specification."""

    def __init__(self, spec: Spec) -> None:
        self.spec = spec
        self.records = [(dns.name.from_text(name), kind, value) for name, kind, value in spec["records"]]
        self.zones = {dns.name.from_text(zone) for zones in spec["serving"].values() for zone in zones}

    def answer(self, octets: bytes, address: str) -> bytes | None:
        """What the server at an address says; None where it is silent."""
        asked = dns.message.from_wire(octets)
        reply = dns.message.make_response(asked)
        if address in self.spec.get("silent", []):
            return None
        if address.startswith((RESOLVER, "2001:db8:53::53")):
            self._resolve(asked, reply)
        else:
            self._serve(asked, reply, self.spec["serving"].get(address, []), address)
        return reply.to_wire()

    def _resolve(self, asked: dns.message.Message, reply: dns.message.Message) -> None:
        reply.flags |= dns.flags.RA
        name, kind = asked.question[0].name, dns.rdatatype.to_text(asked.question[0].rdtype)
        if any(name.is_subdomain(dns.name.from_text(one)) for one in self.spec.get("failing", [])):
            reply.set_rcode(dns.rcode.SERVFAIL)
            return
        self._put(reply, name, kind, {})

    def _serve(self, asked: dns.message.Message, reply: dns.message.Message, zones: list[str], address: str) -> None:
        name, kind = asked.question[0].name, dns.rdatatype.to_text(asked.question[0].rdtype)
        mine = [dns.name.from_text(zone) for zone in zones]
        if not any(name.is_subdomain(zone) for zone in mine):
            reply.set_rcode(dns.rcode.REFUSED)
            return
        deepest = max((zone for zone in self.zones if name.is_subdomain(zone)), key=len)
        if deepest in mine:
            reply.flags |= dns.flags.AA
            hidden = self.spec.get("hidden", {}).get(address, {})
            self._put(reply, name, kind, hidden)
            return
        for _, _, server in self._found(deepest, "NS", {}):
            self._add(reply.authority, deepest, "NS", server)
            glueless = deepest.to_text(omit_final_dot=True) in self.spec.get("glueless", [])
            for family in ("A",) if glueless else ("A", "AAAA"):
                for owner, _, value in self._found(dns.name.from_text(server), family, {}):
                    self._add(reply.additional, owner, family, value)

    def _put(self, reply: dns.message.Message, name: dns.name.Name, kind: str, hidden: dict[str, str]) -> None:
        for _ in range(12):
            found = self._found(name, kind, hidden)
            for _, _, value in found:
                self._add(reply.answer, name, kind, value)
            alias = self._found(name, "CNAME", hidden)
            if found or not alias:
                break
            self._add(reply.answer, name, "CNAME", alias[0][2])
            name = dns.name.from_text(alias[0][2])
        if not any(owner.is_subdomain(name) for owner, _, _ in self.records):
            reply.set_rcode(dns.rcode.NXDOMAIN)

    def _found(self, name: dns.name.Name, kind: str, hidden: dict[str, str]) -> list[tuple[dns.name.Name, str, str]]:
        return [one for one in self.records if one[0] == name and one[1] == kind and hidden.get(kind) != one[2]]

    def _add(self, section: list[dns.rrset.RRset], name: dns.name.Name, kind: str, value: str) -> None:
        value = value + "." if kind in ("NS", "CNAME") and not value.endswith(".") else value
        section.append(dns.rrset.from_text(name, 60, "IN", kind, value))


def _bound(address: str) -> socket.socket:
    server = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_DGRAM)
    server.bind((address, 53))
    return server


def _name_server(servers: Servers, address: str, server: socket.socket) -> None:
    while True:
        octets, peer = server.recvfrom(4096)
        reply = servers.answer(octets, address)
        print(f"dns {address} {dns.message.from_wire(octets).question[0].name}", flush=True)
        if reply is not None:
            server.sendto(reply, peer)


# --- Pages -------------------------------------------------------------------------------------------------------------


class Pages(http.server.BaseHTTPRequestHandler):
    """Answers with what the specification has for its own address."""

    pages: dict[str, dict[str, Any]]
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """One page."""
        host = self.headers.get("Host", "")
        one = self.pages.get(f"{host}{self.path}") or self.pages.get(self.path) or {"status": 404, "body": "none"}
        if one.get("drips"):
            self._drip()
            return
        body = one.get("body", "").format(links=one.get("links", ""), nonce=time.monotonic_ns()).encode()
        self.send_response(one.get("status", 200))
        for name, value in {"Content-Type": "text/html", **one.get("headers", {})}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _drip(self) -> None:
        for letter in b"HTTP/1.1 200 OK\r\n" + b"X-More: 1\r\n" * 1000:
            self.wfile.write(bytes([letter]))
            time.sleep(0.2)

    def log_message(self, form: str, *words: object) -> None:
        """Who asked for what, at which of our addresses, when."""
        at = str(self.connection.getsockname()[0])
        print(f"http {at} {self.headers.get('Host', '')} {self.path} {time.monotonic():.3f}", flush=True)


class _Server6(http.server.ThreadingHTTPServer):
    address_family = socket.AF_INET6


def _site(address: str, port: int, spec: Spec) -> None:
    handler = type("Here", (Pages,), {"pages": spec["sites"][address]})
    kind = _Server6 if ":" in address else http.server.ThreadingHTTPServer
    server = kind((address, port), handler)
    if port == 443:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        wrong = spec.get("certificates", {}).get(address)
        context.load_cert_chain(wrong or spec["certificate"])
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    threading.Thread(target=server.serve_forever, daemon=True).start()


def main(path: Path) -> None:
    """Serve until killed."""
    spec = json.loads(path.read_text())
    servers = Servers(spec)
    for address in (*spec.get("resolvers", [RESOLVER]), *spec["serving"]):
        threading.Thread(target=_name_server, args=(servers, address, _bound(address)), daemon=True).start()
    for address in spec["sites"]:
        for port in spec.get("ports", {}).get(address, [443, 80]):
            _site(str(ipaddress.ip_address(address)), port, spec)
    print("ready", flush=True)
    threading.Event().wait()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
