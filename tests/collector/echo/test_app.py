"""Does an echo say what the kernel saw, and are objects what they must be?"""

from __future__ import annotations

import hashlib
import json
import socket

import pytest

from collector.echo.app import FORWARDED
from evidence.echo import BLOCK_OCTETS, LARGEST_OBJECT, LARGEST_POSTED, LONGEST_NONCE, block
from evidence.seal import key_id
from tests.collector.echo.serving import HOSTS, NOW_US, Up

# --- The echo ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("tls", [True, False], ids=["TLS", "plain"])
@pytest.mark.parametrize("family", [4, 6])
def test_echo(up: Up, family: int, tls: bool) -> None:
    """Over each family the seal tells source, own address, name, nonce and moment, and the certificate where there was one."""
    answer = up.asked("/echo?nonce=abc123.ff", family, tls, headers={"host": "v6.zone.example"})
    echoed = up.echoed(answer)

    host = HOSTS[family].strip("[]")
    assert (echoed.server, echoed.nonce, echoed.name, echoed.answered_unix_us) == (
        *(key_id(up.key.public_key()), "abc123.ff", "v6.zone.example", NOW_US),
    )
    assert ((echoed.seen, echoed.seen_port), echoed.at, echoed.forwarded) == (answer.source, host, "")
    assert (echoed.certificate, bool(echoed.certificate)) == (answer.certificate, tls)


@pytest.mark.parametrize("name", FORWARDED)
def test_proxy(up: Up, name: str) -> None:
    """A header that a proxy adds is told, and not believed: the source is that of the connection."""
    answer = up.asked("/echo?nonce=a", headers={name: "2001:db8::99"})
    echoed = up.echoed(answer)

    assert (echoed.forwarded, echoed.seen) == (name, "::1")


def test_proxies(up: Up) -> None:
    """Several such headers are told each, in capitals or not."""
    answer = up.asked("/echo?nonce=a", headers={"X-FORWARDED-FOR": "192.0.2.1", "Via": "1.1 squid"})

    assert up.echoed(answer).forwarded == "via,x-forwarded-for"


NONCES = [
    pytest.param("/echo", id="none"),
    pytest.param("/echo?nonce=", id="empty"),
    pytest.param(f"/echo?nonce={'a' * (LONGEST_NONCE + 1)}", id="too long"),
    pytest.param("/echo?nonce=a/b", id="slash"),
    pytest.param("/echo?nonce=a%20b", id="space"),
    pytest.param("/echo?nonce=a%0A", id="end of line"),
    pytest.param("/echo?nonce=%E4%B8%AD", id="other letters"),
    pytest.param("/echo?nonce=%ff", id="no text"),
]


@pytest.mark.parametrize("target", NONCES)
def test_wrong_nonce(up: Up, target: str) -> None:
    """A nonce of other characters, none, or one that is too long is refused in words."""
    answer = up.asked(target)

    assert (answer.status, f"1 to {LONGEST_NONCE} letters" in answer.text) == (400, True)


def test_longest_nonce(up: Up) -> None:
    """The longest nonce is taken."""
    nonce = "A.9z" * (LONGEST_NONCE // 4)

    assert up.echoed(up.asked(f"/echo?nonce={nonce}")).nonce == nonce


@pytest.mark.parametrize(
    ("host", "name"),
    [("V6.Zone.example:8443", "v6.zone.example"), ("[2001:DB8::1]:443", "2001:db8::1"), ("192.0.2.1", "192.0.2.1")],
)
def test_name(up: Up, host: str, name: str) -> None:
    """The name is that of the Host field without its port, in small letters."""
    assert up.echoed(up.asked("/echo?nonce=a", headers={"host": host})).name == name


@pytest.mark.parametrize("host", ["", "a b", "[::1", "a/b", "user@a", "a:b", "a" * 254])
def test_no_name(up: Up, host: str) -> None:
    """A Host field that is no name is refused in words: nothing of anybody's making is sealed."""
    answer = up.asked("/echo?nonce=a", headers={"host": host})

    assert (answer.status, "a name or an address" in answer.text) == (400, True)


def test_families_apart(up: Up) -> None:
    """A listener for IPv6 takes nobody who comes over IPv4."""
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", up.plain[6]), 2)


# --- Objects ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("octets", [1, 1000, BLOCK_OCTETS, BLOCK_OCTETS + 1, LARGEST_OBJECT])
def test_object(up: Up, octets: int) -> None:
    """An object has exactly as many octets as were asked for, of the known content."""
    content = up.asked(f"/object?octets={octets}", tls=True).content

    assert content == (block() * (octets // BLOCK_OCTETS + 1))[:octets]


@pytest.mark.parametrize("octets", ["", "0", "-1", "1e3", "abc", "%D9%A3", str(LARGEST_OBJECT + 1), "9" * 5000])
def test_wrong_object(up: Up, octets: str) -> None:
    """No number, none at all, or one that is too large is refused in words."""
    answer = up.asked(f"/object?octets={octets}")

    assert (answer.status, f"from 1 to {LARGEST_OBJECT}" in answer.text) == (400, True)


@pytest.mark.parametrize("octets", [0, 8000, LARGEST_POSTED])
def test_posted(up: Up, octets: int) -> None:
    """What is posted is told by number and hash."""
    content = block()[:octets]
    answer = up.asked("/object", tls=True, method="POST", content=content)

    assert json.loads(answer.content) == {"octets": octets, "sha256": hashlib.sha256(content).hexdigest()}


@pytest.mark.parametrize("chunked", [True, False], ids=["chunked", "with length"])
def test_posted_too_much(up: Up, chunked: bool) -> None:
    """One octet too many is refused, also where no length was announced."""
    content = bytes(LARGEST_POSTED + 1)
    answer = up.asked("/object", method="POST", content=iter([content]) if chunked else content)

    assert (answer.status, f"at most {LARGEST_POSTED}" in answer.text) == (413, True)


@pytest.mark.parametrize("target", ["/", "/echo/", "/objects", "/docs", "/openapi.json", "/../etc/passwd", "//echo"])
def test_elsewhere(up: Up, target: str) -> None:
    """There is nothing else."""
    assert up.asked(f"{target}?nonce=a").status == 404
