"""Is a wrong setting of the collector refused by file and key, before anything starts?"""

from __future__ import annotations

from pathlib import Path

import pytest

from collector.__main__ import main
from collector.config import CollectorConfig, ConfigWrong, load, split_address
from collector.keys import KeyWrong, kept

WRONG = [
    pytest.param('[collector]\nlisten_on = ["x"]', "`listen_on`", id="an unknown key"),
    pytest.param("[colector]\n", "unknown table [colector]; expected [agent] or [collector]", id="an unknown table"),
    pytest.param("top = 1\n", "top stands outside a table", id="a key outside a table"),
    pytest.param('[collector]\nlisten = "127.0.0.1:1"', "$.listen", id="text for a list"),
    pytest.param('[collector]\nsession_hours = "12"', "$.session_hours", id="text for a number"),
    pytest.param("[collector]\nsession_hours = 1.5", "$.session_hours", id="a part of an hour"),
    pytest.param("[collector]\nbehind_https = 1", "$.behind_https", id="a number for yes"),
    pytest.param("[collector]\norder_hours = 0", "order_hours", id="no hours"),
    pytest.param("[collector]\ntoken_hours = -1", "token_hours", id="hours below zero"),
    pytest.param('[collector]\ntls_key = "k.pem"', "tls_certificate and tls_key go together", id="half of TLS"),
    pytest.param('[collector]\nlisten = ["8765"]', "listen: '8765': expected ADDRESS:PORT", id="a port alone"),
    pytest.param('[collector]\nlisten = ["a:http"]', "listen: 'a:http'", id="a named port"),
    pytest.param('[collector]\nlisten = ["127.0.0.1:99999"]', "listen: '127.0.0.1:99999'", id="a port too high"),
    pytest.param("[collector\n", "line 1", id="no TOML"),
]


@pytest.mark.parametrize(("text", "words"), WRONG)
def test_wrong(tmp_path: Path, text: str, words: str) -> None:
    """The message names the file and the key."""
    path = tmp_path / "config.toml"
    path.write_text(text)
    with pytest.raises(ConfigWrong) as caught:
        load(path)

    assert str(caught.value).startswith(f"{path}: ")
    assert words in str(caught.value)


@pytest.mark.parametrize(("text", "words"), WRONG)
def test_exit(tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, words: str) -> None:
    """At the command line the same words go to standard error, with status 2."""
    path = tmp_path / "config.toml"
    path.write_text(text)

    assert main(["--config", str(path), "school", "list"]) == 2
    assert words in capsys.readouterr().err


@pytest.mark.parametrize("content", [b"\xff\xfe", None], ids=["not text", "no file"])
def test_unreadable(tmp_path: Path, content: bytes | None) -> None:
    """A file that cannot be read is named."""
    path = tmp_path / "config.toml"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(ConfigWrong, match=r"config\.toml: "):
        load(path)


def test_the_agents_table_is_not_ours(tmp_path: Path) -> None:
    """One file serves agent and collector; each reads its own table."""
    path = tmp_path / "config.toml"
    path.write_text('[agent]\nnot_checked_here = 1\n[collector]\nstate = "/x"\n')

    assert load(path) == CollectorConfig(state="/x")


def test_without_a_file() -> None:
    """Without a file the defaults hold."""
    assert load(None).listen == ("127.0.0.1:8765",)


@pytest.mark.parametrize(
    ("address", "parts"), [("127.0.0.1:1", ("127.0.0.1", 1)), ("[::1]:8765", ("::1", 8765)), ("host:0", ("host", 0))]
)
def test_addresses(address: str, parts: tuple[str, int]) -> None:
    """An address and its port; an IPv6 address stands in brackets."""
    assert split_address(address) == parts


@pytest.mark.parametrize(
    ("config", "https"),
    [
        (CollectorConfig(), False),
        (CollectorConfig(behind_https=True), True),
        (CollectorConfig(tls_certificate="c", tls_key="k"), True),
    ],
)
def test_https(config: CollectorConfig, https: bool) -> None:
    """People reach the pages over TLS when it is here, or at a proxy in front."""
    assert config.https is https


def test_default_directory() -> None:
    """Unless told, the state lies where the system wants it."""
    assert CollectorConfig().directory.name == "collector"


# --- The collector's key -----------------------------------------------------------------------------------------------


def test_key(tmp_path: Path) -> None:
    """The key is made once, readable by its owner only, and is the same from then on."""
    first, second = (kept(tmp_path / "state").public_key().public_bytes_raw() for _ in range(2))
    mode = (tmp_path / "state/collector.key").stat().st_mode & 0o777

    assert (first == second, mode, len(list((tmp_path / "state").iterdir()))) == (True, 0o600, 1)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o666])
def test_key_that_others_can_read(tmp_path: Path, mode: int) -> None:
    """A key that others can read is not used."""
    kept(tmp_path)
    (tmp_path / "collector.key").chmod(mode)

    with pytest.raises(KeyWrong, match="others can read the key; type: chmod 600"):
        kept(tmp_path)


@pytest.mark.parametrize("text", ["", "00", "not hex" * 10, "00" * 33])
def test_damaged_key(tmp_path: Path, text: str) -> None:
    """A damaged key is not replaced behind the operator's back: every agent would refuse the new one."""
    kept(tmp_path)
    (tmp_path / "collector.key").write_text(text)

    with pytest.raises(KeyWrong, match="64 hex digits expected; restore it from the backup"):
        kept(tmp_path)


def test_two_processes_make_one_key(tmp_path: Path) -> None:
    """Of two that start at once, the first one's key holds for both."""
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        found = set(pool.map(_public, [tmp_path] * 2))

    assert len(found) == 1


def _public(directory: Path) -> bytes:
    """The public key in a directory, by a process of its own."""
    return kept(directory).public_key().public_bytes_raw()
