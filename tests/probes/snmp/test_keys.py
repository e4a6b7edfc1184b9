"""Do passphrases become the right keys? Against RFC 3414 and against pysnmp."""

from __future__ import annotations

import hashlib

import pytest
from pysnmp.hlapi.v3arch import asyncio as hlapi  # type: ignore[import-untyped]
from pysnmp.proto.secmod.rfc3414 import localkey  # type: ignore[import-untyped]
from pysnmp.proto.secmod.rfc3414.service import SnmpUSMSecurityModel  # type: ignore[import-untyped]

from probes._snmp.exchange import Auth, Priv
from probes._snmp.keys import DIGESTS, extended, localized, of_passphrase

ENGINE_ID = bytes.fromhex("000000000000000000000002")
THEIR_ENGINE_ID = localkey.univ.OctetString(ENGINE_ID)


def test_rfc_3414_appendix_a_3_2() -> None:
    """The passphrase and engine of RFC 3414 appendix A.3.2 give its keys."""
    assert of_passphrase("sha1", b"maplesyrup").hex() == "9fb5cc0381497b3793528939ff788d5d79145211"
    assert localized("sha1", b"maplesyrup", ENGINE_ID).hex() == "6695febc9288e36282235fc7151f128497b38f3f"


@pytest.mark.parametrize("auth", list(Auth))
@pytest.mark.parametrize("passphrase", [b"maplesyrup", b"12345678", "口令一二三四".encode(), b"x" * 4097])
def test_pysnmp_makes_the_same_keys(auth: Auth, passphrase: bytes) -> None:
    """Every hash, and passphrases of any length and script."""
    name = DIGESTS[auth][0]
    theirs = localkey.password_to_key(passphrase, THEIR_ENGINE_ID, getattr(hashlib, name))

    assert localized(name, passphrase, ENGINE_ID) == bytes(theirs)


@pytest.mark.parametrize(
    ("priv", "theirs"),
    [
        (Priv.AES192, hlapi.USM_PRIV_CFB192_AES),
        (Priv.AES256, hlapi.USM_PRIV_CFB256_AES),
        (Priv.AES192_BLUMENTHAL, hlapi.USM_PRIV_CFB192_AES_BLUMENTHAL),
        (Priv.AES256_BLUMENTHAL, hlapi.USM_PRIV_CFB256_AES_BLUMENTHAL),
    ],
)
def test_keys_longer_than_a_digest(priv: Priv, theirs: tuple[int, ...]) -> None:
    """SHA-1 gives 20 octets and AES-192 needs 24: the two ways to the rest differ, and the names mean what pysnmp's do."""
    hashed = localkey.hash_passphrase(b"maplesyrup", hashlib.sha1)
    service = SnmpUSMSecurityModel.PRIV_SERVICES[theirs]
    key = service.localize_key(hlapi.USM_AUTH_HMAC96_SHA, hashed, THEIR_ENGINE_ID)

    assert extended("sha1", localized("sha1", b"maplesyrup", ENGINE_ID), ENGINE_ID, priv) == bytes(key)
