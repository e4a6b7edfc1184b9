"""Is the certificate that is sealed the one that is shown, and is our own made once and kept to us?"""

from __future__ import annotations

import hashlib
import multiprocessing
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

from collector.echo.certificate import FILE, CertificateWrong, shown

NOW_US = 1_790_000_000_000_000
NOW = datetime.fromtimestamp(NOW_US / 1_000_000, UTC)
PEM = serialization.Encoding.PEM
Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


def made(key: Key, common_name: str) -> x509.Certificate:
    """A certificate for a key."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    return builder.not_valid_before(NOW).not_valid_after(NOW + timedelta(days=90)).sign(key, hashes.SHA256())


def written(folder: Path, key: Key, *certificates: x509.Certificate, password: bytes = b"") -> tuple[str, str]:
    """Both files of an operator."""
    locked = serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
    chain, private = folder / "chain.pem", folder / "key.pem"
    chain.write_bytes(b"".join(one.public_bytes(PEM) for one in certificates))
    private.write_bytes(key.private_bytes(PEM, serialization.PrivateFormat.PKCS8, locked))
    return str(chain), str(private)


def digest(certificate: x509.Certificate) -> str:
    """What is sealed of a certificate."""
    return hashlib.sha256(certificate.public_bytes(serialization.Encoding.DER)).hexdigest()


# --- Our own ----------------------------------------------------------------------------------------------------------


def test_own(tmp_path: Path) -> None:
    """It is made once, on P-256, for ten years, and nobody else can read it."""
    first, again = (shown("", "", tmp_path / "state", NOW_US).sha256 for _ in range(2))
    path = tmp_path / "state" / FILE
    kept = x509.load_pem_x509_certificate(path.read_bytes())
    key = kept.public_key()

    assert (first, again) == (digest(kept), digest(kept))
    assert (isinstance(key, ec.EllipticCurvePublicKey) and key.curve.name, stat.S_IMODE(path.stat().st_mode)) == (
        *("secp256r1", 0o600),
    )
    assert kept.not_valid_before_utc < NOW < NOW + timedelta(days=3600) < kept.not_valid_after_utc
    assert list(path.parent.iterdir()) == [path]


def test_two_at_once(tmp_path: Path) -> None:
    """Servers that start at the same moment, as that behind the narrow hop does, show the same one."""
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        hashed = pool.map(_sha256, [tmp_path] * 8, chunksize=1)

    assert len(set(hashed)) == 1


def _sha256(directory: Path) -> str:
    """What one process shows."""
    return shown("", "", directory, NOW_US).sha256


def test_open_to_others(tmp_path: Path) -> None:
    """A key that others could read is not used, and the words say what to type."""
    shown("", "", tmp_path, NOW_US)
    (tmp_path / FILE).chmod(0o640)

    with pytest.raises(CertificateWrong, match="chmod 600"):
        shown("", "", tmp_path, NOW_US)


# --- The operator's ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["ec", "rsa"])
def test_leaf(tmp_path: Path, kind: str) -> None:
    """What is sealed is the hash of the certificate itself, not of the authorities' behind it."""
    key: Key = ec.generate_private_key(ec.SECP384R1()) if kind == "ec" else rsa.generate_private_key(65537, 2048)
    leaf, authority = made(key, "leaf"), made(ec.generate_private_key(ec.SECP256R1()), "authority")

    assert shown(*written(tmp_path, key, leaf, authority), tmp_path, NOW_US).sha256 == digest(leaf)


WRONG = [
    pytest.param("nowhere", "No such file", id="no file"),
    pytest.param("text", "PEM files expected", id="no certificate"),
    pytest.param("other key", "mismatch", id="key of another"),
    pytest.param("password", "password", id="key with a password"),
]


@pytest.mark.parametrize(("case", "words"), WRONG)
def test_wrong(tmp_path: Path, case: str, words: str) -> None:
    """Files that cannot be used are named with what was expected; nobody is asked for a password."""
    key = ec.generate_private_key(ec.SECP256R1())
    other = ec.generate_private_key(ec.SECP256R1()) if case == "other key" else key
    chain, private = written(tmp_path, other, made(key, "leaf"), password=b"12345678" if case == "password" else b"")
    if case == "text":
        Path(chain).write_text("hello")
    if case == "nowhere":
        Path(chain).unlink()

    with pytest.raises(CertificateWrong, match=words) as caught:
        shown(chain, private, tmp_path, NOW_US)
    assert chain in str(caught.value)
