"""Which resolvers does a resolv.conf name, however odd it is?"""

from __future__ import annotations

from pathlib import Path

import pytest

from probes._resolve import resolvers


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        pytest.param(b"nameserver 192.0.2.1\nnameserver 2001:db8::53\n", ("192.0.2.1", "2001:db8::53"), id="two"),
        pytest.param(b"nameserver fe80::1%eth0\n", ("fe80::1%eth0",), id="with its zone"),
        pytest.param(
            b"nameserver https://dns.example/dns-query\nnameserver 192.0.2.1\n", ("192.0.2.1",), id="one over HTTPS"
        ),
        pytest.param(b"nameserver fe80::1%\nnameserver 192.0.2.1\n", ("192.0.2.1",), id="a zone without a name"),
        pytest.param(b"nameserver https://dns.example/dns-query\n", (), id="only over HTTPS"),
        pytest.param(b"nameserver foo\n", (), id="no address"),
        pytest.param(b"nameserver 192.0.2.1%eth0\n", (), id="IPv4 has no zones"),
        pytest.param(b"nameserver https://[::1\n", (), id="no URL either"),
        pytest.param(b"nameserver 192.0.2.1\nsearch a..b\n", (), id="no domain"),
        pytest.param(b"nameserver \xff\xfe\n", (), id="no text"),
        pytest.param(b"nameserver\n", (), id="nothing named"),
        pytest.param(b"", (), id="empty"),
    ],
)
def test_resolv_conf(lines: bytes, told: tuple[str, ...], tmp_path: Path) -> None:
    """Only what has an address is a resolver; a file that cannot be read as a whole names none, and breaks nothing."""
    file = tmp_path / "resolv.conf"
    file.write_bytes(lines)

    assert resolvers(str(file)) == told


def test_no_resolv_conf(tmp_path: Path) -> None:
    """Without the file there is no resolver."""
    assert resolvers(str(tmp_path / "none")) == ()
