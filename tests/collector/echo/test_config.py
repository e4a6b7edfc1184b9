"""Are the settings of the echo server read strictly, and its key found beside the measurement server's?"""

from __future__ import annotations

from pathlib import Path

import pytest

from collector.config import ConfigWrong
from collector.echo.config import EchoServerConfig, load
from collector.speed.config import SpeedServerConfig

WRONG = [
    pytest.param("listen = 1", r"config\.toml: \[echo_server\]", id="no list"),
    pytest.param('listen = ["443"]', "expected ADDRESS:PORT", id="no address"),
    pytest.param('plain = ["[::]:66000"]', "expected ADDRESS:PORT", id="no port"),
    pytest.param('certificate = "a.pem"', "go together", id="certificate without key"),
    pytest.param('certificate_key = "a.pem"', "go together", id="key without certificate"),
    pytest.param("nonce = 1", "nonce", id="unknown key"),
    pytest.param("listen = []\nplain = []", "nothing to listen on", id="no listener"),
]


def read(folder: Path, text: str) -> EchoServerConfig:
    """A file's settings."""
    (folder / "config.toml").write_text(text)
    return load(folder / "config.toml")


@pytest.mark.parametrize(("text", "words"), WRONG)
def test_wrong(tmp_path: Path, text: str, words: str) -> None:
    """What cannot be used is named with its file, its table and what was expected."""
    with pytest.raises(ConfigWrong, match=words):
        read(tmp_path, f"[echo_server]\n{text}\n")


def test_defaults() -> None:
    """Without a table it listens on the ports of the web, on both families, beside the measurement server's key."""
    config = EchoServerConfig()

    assert (config.listen, config.plain) == (("0.0.0.0:443", "[::]:443"), ("0.0.0.0:80", "[::]:80"))
    assert config.directory == SpeedServerConfig().directory


@pytest.mark.parametrize(
    ("text", "directory"),
    [
        pytest.param('[speed_server]\nstate = "/a"', "/a", id="the measurement server's"),
        pytest.param('[speed_server]\nstate = "/a"\n[echo_server]\nstate = ""', "/a", id="empty"),
        pytest.param('[speed_server]\nstate = "/a"\n[echo_server]\nstate = "/b"', "/b", id="its own"),
    ],
)
def test_state(tmp_path: Path, text: str, directory: str) -> None:
    """One key for both servers of a machine, unless another directory is named."""
    assert read(tmp_path, text).directory == Path(directory)
