"""What does an agent hand in? Its key once, then sealed reports and the raw evidence that they declare."""

from __future__ import annotations

from fastapi import APIRouter, Response

from collector.routes.given import Body, Compressed, Ours

router = APIRouter(prefix="/v1")
SEALED = "application/json"


@router.get("/keys")
def keys(collector: Ours) -> dict[str, str]:
    """The collector's public key, 32 octets in hex; whoever holds an enrolment token can check it."""
    return {"collector": collector.key.public_key().public_bytes_raw().hex()}


@router.post("/agents", status_code=201)
def enrol(body: Body, collector: Ours) -> Response:
    """A new agent's key, sealed by itself, with a one-time token."""
    return Response(collector.intake.enrol(body), 201, media_type=SEALED)


@router.post("/evidence", status_code=201)
def submit(body: Body, compressed: Compressed, collector: Ours) -> Response:
    """Verify and keep one sealed report, bytes as they came; the signed receipt. Refusals are `Rejected`."""
    return Response(collector.intake.take(body, compressed), 201, media_type=SEALED)


@router.put("/evidence/{evidence}/raw/{sha256}", status_code=204)
def submit_raw(evidence: str, sha256: str, body: Body, compressed: Compressed, collector: Ours) -> Response:
    """Raw evidence that an accepted report declares."""
    collector.intake.take_raw(evidence, sha256, body, compressed)
    return Response(status_code=204)
