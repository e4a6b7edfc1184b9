"""Is every submission that is not what it should be refused, by its code, and kept where an admin sees it?"""

from __future__ import annotations

import base64
from collections.abc import Callable

import httpx
import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import func, insert, select

from collector.store.engine import reading, writing
from collector.store.ledger import BODY_KEPT, REFUSALS_KEPT
from collector.store.rows import Refusal
from collector.store.tables import REFUSED
from evidence import quantities as q
from evidence.model import Raw
from evidence.scan import Task
from evidence.seal import (
    LARGEST_ENVELOPE,
    RECEIPT,
    REPORT,
    SCAN,
    Envelope,
    canonical,
    deflated,
    open_sealed,
    seal,
)
from evidence.wire import Receipt
from tests.collector.running import Box, Running

FORM = "not JSON", "{}", "[]", '{"payload":"","payloadType":"x","signatures":[]}', "", "\x00"


def code(answer: httpx.Response) -> tuple[int, str]:
    """Status and code of a refusal."""
    return answer.status_code, answer.json()["code"]


# --- What is accepted -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["", "zstd", "ZSTD"])
def test_accepted(collector: Running, box: Box, encoding: str) -> None:
    """A sealed report is kept byte for byte, plain or as one zstd frame."""
    envelope = box.sealed()
    headers = {"content-encoding": encoding} if encoding else {}
    answer = collector.submit(deflated(envelope) if encoding else envelope, **headers)
    stored = collector.parts.store.ledger.envelope(box.previous)

    assert (answer.status_code, stored and stored.envelope) == (201, envelope)


def test_receipt(collector: Running, box: Box) -> None:
    """The receipt is sealed by the collector and names the envelope, its agent, its place and the moment."""
    answer = collector.submit(box.sealed())
    receipt = open_sealed(answer.content, lambda _: collector.parts.key.public_key()).body(RECEIPT, Receipt)

    assert receipt == Receipt(box.previous, box.id, 1, collector.clock.us)


def test_a_chain(collector: Running, box: Box) -> None:
    """Reports come one after the other, each naming the one before."""
    assert [collector.submit(box.sealed()).status_code for _ in range(3)] == [201, 201, 201]


def test_unknown_fields(collector: Running, box: Box) -> None:
    """A field of a later release is kept as it was signed, and ignored."""
    payload = {**msgspec.to_builtins(box.report()), "later": {"field": 1}}
    envelope = seal(REPORT, msgspec.convert(payload, msgspec.defstruct("Later", list(payload))), box.key)

    assert collector.submit(envelope).status_code == 201


# --- What is refused --------------------------------------------------------------------------------------------------

Case = Callable[[Running, Box], httpx.Response]


def bomb(collector: Running, box: Box) -> httpx.Response:
    """A small body that inflates beyond what an envelope may be."""
    return collector.submit(deflated(b" " * (LARGEST_ENVELOPE + 1)), **{"content-encoding": "zstd"})


def large(collector: Running, box: Box) -> httpx.Response:
    """A plain body that is too large."""
    return collector.submit(b" " * (LARGEST_ENVELOPE + 1))


def changed(collector: Running, box: Box) -> httpx.Response:
    """One reading made better after signing."""
    envelope = msgspec.json.decode(box.sealed(box.report("desk", q.DESK_SPEED.reading(10))), type=Envelope)
    payload = base64.b64decode(envelope.payload).replace(b'"value":10', b'"value":99')
    return collector.submit(canonical(msgspec.structs.replace(envelope, payload=base64.b64encode(payload).decode())))


def stranger(collector: Running, box: Box) -> httpx.Response:
    """A key that was never enrolled."""
    return collector.submit(Box(Ed25519PrivateKey.generate()).sealed())


def impostor(collector: Running, box: Box) -> httpx.Response:
    """A report in the name of another agent of the school."""
    return collector.submit(box.sealed(box.report(agent=collector.enrolled().id)))


def other_type(collector: Running, box: Box) -> httpx.Response:
    """A good signature over something that is no report."""
    return collector.submit(seal(SCAN, box.report(), box.key))


def half_a_report(collector: Running, box: Box) -> httpx.Response:
    """A good signature over a report without readings."""
    return collector.submit(seal(REPORT, Task("desk"), box.key))


def spelled_otherwise(collector: Running, box: Box) -> httpx.Response:
    """The same envelope with a space in it."""
    return collector.submit(box.sealed().replace(b'","', b'", "', 1))


def revoked(collector: Running, box: Box) -> httpx.Response:
    """A key that was taken back."""
    collector.parts.store.schools.revoke(box.id)
    return collector.submit(box.sealed())


def forked(collector: Running, box: Box) -> httpx.Response:
    """Another first report, after the first was taken."""
    collector.submit(box.sealed())
    return collector.submit(box.sealed(box.report("metro", sequence=1, previous="")))


def skipped(collector: Running, box: Box) -> httpx.Response:
    """The third report without the second."""
    collector.submit(box.sealed())
    return collector.submit(box.sealed(box.report(sequence=3)))


def unchained(collector: Running, box: Box) -> httpx.Response:
    """A second report that does not name the first."""
    collector.submit(box.sealed())
    return collector.submit(box.sealed(box.report(previous="0" * 64)))


REFUSED_CASES = [
    pytest.param(bomb, (413, "too_large"), id="a bomb"),
    pytest.param(changed, (403, "bad_signature"), id="changed after signing"),
    pytest.param(stranger, (403, "unknown_key"), id="a stranger's key"),
    pytest.param(impostor, (403, "bad_signature"), id="in another agent's name"),
    pytest.param(other_type, (400, "malformed"), id="of another type"),
    pytest.param(half_a_report, (400, "malformed"), id="half a report"),
    pytest.param(spelled_otherwise, (400, "malformed"), id="spelled otherwise"),
    pytest.param(revoked, (403, "key_revoked"), id="a key that was taken back"),
    pytest.param(forked, (409, "forked"), id="two histories"),
    pytest.param(skipped, (409, "out_of_sequence"), id="one is missing"),
    pytest.param(unchained, (409, "broken_chain"), id="a broken chain"),
]


@pytest.mark.parametrize(("case", "wanted"), [*REFUSED_CASES, pytest.param(large, (413, "too_large"), id="too large")])
def test_refused(collector: Running, box: Box, case: Case, wanted: tuple[int, str]) -> None:
    """Each mistake has its code and its HTTP status."""
    assert code(case(collector, box)) == wanted


@pytest.mark.parametrize(("case", "wanted"), REFUSED_CASES)
def test_refused_are_kept(collector: Running, box: Box, case: Case, wanted: tuple[int, str]) -> None:
    """A refused submission is kept with its reason, and is no evidence."""
    case(collector, box)
    before = {"forked": 1, "out_of_sequence": 1, "broken_chain": 1}.get(wanted[1], 0)
    with reading(collector.parts.store.engine) as connection:
        newest = select(REFUSED.c.code).order_by(REFUSED.c.id.desc()).limit(1)
        kept = connection.execute(newest).scalar_one()

    assert (kept, collector.held()) == (wanted[1], before)


@pytest.mark.parametrize("body", FORM)
def test_malformed(collector: Running, body: str) -> None:
    """What is no envelope is malformed, whatever it is."""
    assert code(collector.submit(body.encode())) == (400, "malformed")


@pytest.mark.parametrize(
    "body", [b"", b"not zstd", deflated(b"{}") + deflated(b"{}"), deflated(b"{}" * 99)[:-4]], ids=str
)
def test_not_one_frame(collector: Running, body: bytes) -> None:
    """A compressed body is exactly one whole zstd frame."""
    assert code(collector.submit(body, **{"content-encoding": "zstd"})) == (400, "malformed")


def test_refusal_names_what_was_expected(collector: Running, box: Box) -> None:
    """The words say what was expected and what came."""
    assert skipped(collector, box).json()["detail"] == "sequence: expected 2, got 3"


def test_refused_are_seen(collector: Running, box: Box) -> None:
    """The page of the school shows what its agents were refused, and why."""
    skipped(collector, box)

    assert "<code>out_of_sequence</code> sequence: expected 2, got 3" in collector.page()


def test_refused_of_another_school(collector: Running, box: Box) -> None:
    """What another school's agent was refused is not on this school's page."""
    other = collector.enrolled(collector.founded("二中"))
    skipped(collector, other)

    assert "out_of_sequence" not in collector.page()


def test_only_so_much_is_kept(fresh: Running) -> None:
    """Nobody fills the disk with nonsense: only so many refusals, only so much of each."""
    ledger = fresh.parts.store.ledger
    ledger.refuse(Refusal(1, "a", "malformed", "first"), b"x" * (BODY_KEPT + 1))
    second = {
        "id": REFUSALS_KEPT,
        "received_unix_us": 1,
        "agent": "a",
        "code": "malformed",
        "detail": "second",
        "body": b"",
    }
    with writing(fresh.parts.store.engine) as connection:
        size = connection.execute(select(func.length(REFUSED.c.body))).scalar_one()
        connection.execute(insert(REFUSED).values(second))
    ledger.refuse(Refusal(1, "a", "malformed", "third"), b"")

    assert (size, [one.detail for one in ledger.refusals(["a"])]) == (BODY_KEPT, ["third", "second"])


# --- Again ------------------------------------------------------------------------------------------------------------


def test_replayed(collector: Running, box: Box) -> None:
    """The same envelope again is answered with the receipt of the first time, and nothing is stored twice."""
    envelope = box.sealed()
    first = collector.submit(envelope)
    collector.clock.us += 1_000_000
    again = collector.submit(envelope)

    found = (code(again), again.json()["receipt"], collector.held())
    assert found == ((409, "replayed"), first.text, 1)


def test_replayed_later(collector: Running, box: Box) -> None:
    """An old envelope is known as replayed however many came after it."""
    first, *_ = [box.sealed() for _ in range(3)]
    box.sequence, box.previous = 0, ""
    for _ in range(3):
        collector.submit(box.sealed())

    assert code(collector.submit(first)) == (409, "replayed")


def test_many_at_once(collector: Running, box: Box) -> None:
    """However many copies of one envelope arrive together, one is stored."""
    import concurrent.futures

    envelope = box.sealed()
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: collector.submit(envelope).status_code, range(8)))

    assert sorted(found) == [201] + [409] * 7


def test_revoked_between_opening_and_appending(collector: Running, box: Box) -> None:
    """A key that is taken back while its envelope is being verified is refused by the ledger itself."""
    from collector.store.rows import NewEvidence
    from evidence.errors import KeyRevoked

    new = NewEvidence("id", box.report(), b"", 1)
    collector.parts.store.schools.revoke(box.id)

    with pytest.raises(KeyRevoked):
        collector.parts.store.ledger.append(new, lambda _: b"")


# --- Raw evidence -----------------------------------------------------------------------------------------------------

RAW_BYTES = Raw("switch-1.json", b'{"columns": {}}')
OTHER = Raw("switch-2.json", b"nobody declares this")


def put(collector: Running, box: Box, sha256: str, content: bytes, **headers: str) -> httpx.Response:
    """Hand in raw evidence of the box's last report."""
    return collector.http.put(f"/v1/evidence/{box.previous or 'none'}/raw/{sha256}", content=content, headers=headers)


@pytest.fixture
def declared(collector: Running, box: Box) -> str:
    """The hash of raw evidence that an accepted report declared, twice under two names."""
    blobs = (RAW_BYTES.blob, msgspec.structs.replace(RAW_BYTES.blob, name="again.json"))
    collector.submit(box.sealed(box.report(blobs=blobs)))
    return RAW_BYTES.blob.sha256


@pytest.mark.parametrize("times", [1, 2])
def test_raw(collector: Running, box: Box, declared: str, times: int) -> None:
    """Declared raw evidence is kept as it came; a second time changes nothing."""
    for _ in range(times):
        assert put(collector, box, declared, RAW_BYTES.content).status_code == 204

    assert [row.content for row in collector.parts.store.ledger.raws(box.previous)] == [RAW_BYTES.content]


def test_raw_compressed(collector: Running, box: Box, declared: str) -> None:
    """Raw evidence may travel as one zstd frame."""
    assert put(collector, box, declared, deflated(RAW_BYTES.content), **{"content-encoding": "zstd"}).status_code == 204


@pytest.mark.parametrize(
    "change",
    [bytes.upper, bytes.swapcase, lambda raw: raw + b" ", lambda raw: b""],
    ids=["upper", "same size", "more", "none"],
)
def test_wrong_raw(collector: Running, box: Box, change: Callable[[bytes], bytes]) -> None:
    """Other bytes than declared are refused and not kept."""
    raw = Raw("raw", b"of " + box.id.encode())
    collector.submit(box.sealed(box.report(blobs=(raw.blob,))))
    answer = put(collector, box, raw.blob.sha256, change(raw.content))

    assert (code(answer), collector.parts.store.ledger.raws(box.previous)[0].content) == ((400, "malformed"), None)


@pytest.mark.parametrize("sha256", ["0" * 64, OTHER.blob.sha256, "x"])
def test_undeclared_raw(collector: Running, box: Box, sha256: str) -> None:
    """Raw evidence that no accepted report declares is refused."""
    assert code(put(collector, box, sha256, OTHER.content)) == (404, "not_declared")


def test_a_hash_alone_opens_nothing(collector: Running, box: Box) -> None:
    """A report that only names the hash of another's raw evidence does not get its bytes."""
    collector.submit(box.sealed(box.report(blobs=(RAW_BYTES.blob,))))
    put(collector, box, RAW_BYTES.blob.sha256, RAW_BYTES.content)
    collector.submit(box.sealed(box.report(blobs=(RAW_BYTES.blob,))))

    assert [row.content for row in collector.parts.store.ledger.raws(box.previous)] == [None]


def test_raw_of_a_refused_report(collector: Running, box: Box) -> None:
    """A refused report declares nothing."""
    raw = Raw("refused", b"refused " + box.id.encode())
    collector.submit(box.sealed(box.report(sequence=5, previous="x", blobs=(raw.blob,))))

    assert code(put(collector, box, raw.blob.sha256, raw.content)) == (404, "not_declared")
