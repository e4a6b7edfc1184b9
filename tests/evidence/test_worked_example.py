"""Is the worked example of docs/evidence-v1.md true? Every value in it is recomputed from the keys and the fields."""

from __future__ import annotations

import hashlib
import json

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from nacl.signing import VerifyKey

from evidence.model import Reading, Report
from evidence.seal import RECEIPT, REPORT, canonical, evidence_id, key_id, open_sealed, seal, signed_bytes
from evidence.verify import main
from evidence.wire import Receipt
from tests.evidence.contract import BLOCKS
from tests.evidence.samples import b64

READINGS = [name for name in BLOCKS if name.startswith("reading-")]


def octets(name: str) -> bytes:
    """A block of the document as bytes."""
    return BLOCKS[name].encode()


def private(who: str) -> Ed25519PrivateKey:
    """A private key of the document."""
    return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(BLOCKS[f"{who}-private-key"]))


def find(wanted: str) -> Ed25519PublicKey | None:
    """The public keys of the document by their ids, as the document prints both."""
    known = {BLOCKS[f"{who}-key-id"]: BLOCKS[f"{who}-public-key"] for who in ("agent", "collector")}
    return Ed25519PublicKey.from_public_bytes(bytes.fromhex(known[wanted])) if wanted in known else None


def test_the_blocks_are_these() -> None:
    """No block is misnamed or left unread."""
    assert " ".join(name for name in BLOCKS if name not in READINGS) == (
        "agent-private-key agent-public-key agent-key-id collector-private-key collector-public-key collector-key-id "
        "report-payload report-signed-bytes report-id report-signature report-envelope "
        "receipt-payload receipt-signed-bytes receipt-envelope second-payload second-id"
    )


@pytest.mark.parametrize("who", ["agent", "collector"])
def test_keys(who: str) -> None:
    """The private key is the hash of its sentence; the public key and the id follow from it."""
    public = private(who).public_key()

    assert [BLOCKS[f"{who}-{part}"] for part in ("private-key", "public-key", "key-id")] == [
        hashlib.sha256(f"campusproof demo {who}, worthless".encode()).hexdigest(),
        public.public_bytes_raw().hex(),
        key_id(public),
    ]


@pytest.mark.parametrize("name", READINGS)
def test_each_form_of_reading(name: str) -> None:
    """A reading in the document is a reading of the code, in the very same bytes."""
    assert canonical(msgspec.json.decode(octets(name), type=Reading)) == octets(name)


@pytest.mark.parametrize(
    ("name", "kind"), [("report-payload", Report), ("receipt-payload", Receipt), ("second-payload", Report)]
)
def test_payloads_are_canonical(name: str, kind: type[msgspec.Struct]) -> None:
    """Read and written again, a payload of the document has the same bytes."""
    assert canonical(msgspec.json.decode(octets(name), type=kind)) == octets(name)


@pytest.mark.parametrize(("name", "kind"), [("report", REPORT), ("receipt", RECEIPT)])
def test_signed_bytes(name: str, kind: str) -> None:
    """The signed bytes follow from the payload and its type."""
    assert signed_bytes(kind, octets(f"{name}-payload")) == octets(f"{name}-signed-bytes")


@pytest.mark.parametrize("name", ["report", "second"])
def test_ids(name: str) -> None:
    """The evidence id follows from the payload."""
    assert evidence_id(REPORT, octets(f"{name}-payload")) == BLOCKS[f"{name}-id"]


def test_the_id_with_plain_sha256() -> None:
    """The id is SHA-256 of the printed signed bytes."""
    assert hashlib.sha256(octets("report-signed-bytes")).hexdigest() == BLOCKS["report-id"]


def test_the_signature() -> None:
    """The signature follows from the private key and the signed bytes."""
    assert b64(private("agent").sign(octets("report-signed-bytes"))) == BLOCKS["report-signature"]


def test_the_signature_with_another_library() -> None:
    """A second Ed25519 library accepts the receipt, from what is printed alone."""
    key = VerifyKey(bytes.fromhex(BLOCKS["collector-public-key"]))
    (signature,) = json.loads(BLOCKS["receipt-envelope"])["signatures"]

    assert key.verify(octets("receipt-signed-bytes"), decoded(signature["sig"])) == octets("receipt-signed-bytes")


def decoded(text: str) -> bytes:
    """Base64 as a program that is not ours reads it: msgspec's own decoder."""
    return msgspec.convert(text, bytes)


def test_the_report_is_sealed_like_this() -> None:
    """Sealing the printed report with the printed key gives the printed envelope."""
    report = msgspec.json.decode(octets("report-payload"), type=Report)

    assert seal(REPORT, report, private("agent")) == octets("report-envelope")


def test_the_receipt_is_sealed_like_this() -> None:
    """Sealing the printed receipt with the printed key gives the printed envelope."""
    receipt = msgspec.json.decode(octets("receipt-payload"), type=Receipt)

    assert seal(RECEIPT, receipt, private("collector")) == octets("receipt-envelope")


def test_the_envelope_opens() -> None:
    """The printed envelope opens under the printed key id and gives the printed payload and id."""
    opened = open_sealed(octets("report-envelope"), find)

    assert (opened.id, opened.key_id, opened.payload) == (
        BLOCKS["report-id"],
        BLOCKS["agent-key-id"],
        octets("report-payload"),
    )


def test_the_receipt_speaks_of_the_report() -> None:
    """The receipt names the report's id, agent and sequence."""
    receipt = open_sealed(octets("receipt-envelope"), find).body(RECEIPT, Receipt)

    assert (receipt.evidence, receipt.agent, receipt.sequence) == (BLOCKS["report-id"], BLOCKS["agent-key-id"], 1)


def test_the_second_report_follows_the_first() -> None:
    """`previous` is the id of the report before, and the sequence goes on by one."""
    second = msgspec.json.decode(octets("second-payload"), type=Report)

    assert (second.sequence, second.previous) == (2, BLOCKS["report-id"])


def test_the_example_passes_the_verifier(tmp_path_factory: pytest.TempPathFactory) -> None:
    """campusproof-verify accepts the printed files with the printed keys."""
    room = tmp_path_factory.mktemp("example")
    (room / "first.dsse.json").write_bytes(octets("report-envelope"))
    (room / "first.receipt.json").write_bytes(octets("receipt-envelope"))
    keys = ["--agent-key", BLOCKS["agent-public-key"], "--collector-key", BLOCKS["collector-public-key"]]

    assert main([*keys, str(room)]) == 0
