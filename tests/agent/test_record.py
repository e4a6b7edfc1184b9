"""Is a recording of a switch whole, readable again, and without what must not leave?"""

from __future__ import annotations

import argparse
import json
import re
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.config import AgentConfig, SnmpSecret, SshSecret
from agent.known import host_keys, keep_run, pin
from agent.record import _found, add_record_arguments, record
from agent.recording import SNMP_TIMEOUT_S, composed, of_snmp, told_by_snmp
from agent.scrub import Scrub
from probes._cli import CliNetwork, CliPort, Row, parse, vendor
from probes._snmp.exchange import Oid, Value
from probes._snmp.pace import BURST, PER_DEVICE_PER_S
from probes._snmp.walk import End, Walk
from probes._switch.reading import Told
from probes._switch.tables import Tables
from tests.agent.conftest import typed
from tests.probes.agents import Interface, Simulator, serve, switch
from tests.probes.cli.device import PASSWORD, USER, Device, host_key, key_of, serving, transcripts
from tests.probes.responder import V1, V2C, Table, answered
from tests.probes.udp import replying

COMMUNITY = "planted-community-9"
SYSTEM: dict[Oid, Value] = {
    (1, 3, 6, 1, 2, 1, 1, 1, 0): b"Huawei Versatile Routing Platform Software VRP (R) S5720",
    (1, 3, 6, 1, 2, 1, 1, 2, 0): (1, 3, 6, 1, 4, 1, 2011, 2, 23, 339),
    (1, 3, 6, 1, 2, 1, 1, 5, 0): b"acc-1",
    (1, 3, 6, 1, 2, 1, 2, 2, 1, 6, 1): bytes.fromhex("4c1fcc123456"),
    (1, 3, 6, 1, 2, 1, 47, 1, 1, 1, 1, 11, 1): b"210235A1B2C3D4E5F6G7",
}


@pytest.fixture
def device() -> Iterator[Device]:
    """A Huawei switch whose texts hold what must not leave."""
    answers = transcripts("huawei_vrp")
    command = vendor("huawei_vrp").questions["interfaces"].command
    answers[command] = (
        answers[command]
        .replace(b"0200-5e00-5302", b"4c1f-cc12-3456")
        .replace(b"uplink:core", b"uplink 10.20.0.1 Springfield " + PASSWORD.encode())
    )
    with serving(Device("huawei_vrp", answers)) as up:
        yield up


@pytest.fixture
def snmp() -> Iterator[int]:
    """An SNMP agent of the same switch."""
    with serve(Simulator(dict(sorted((switch(Interface("GE0/0/1")) | SYSTEM).items()))), COMMUNITY) as port:
        yield port


def options(*arguments: str) -> argparse.Namespace:
    """The command line of `record`."""
    parser = argparse.ArgumentParser()
    add_record_arguments(parser)
    return parser.parse_args(["127.0.0.1", *arguments])


def test_a_recording(device: Device, snmp: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Both sources stand in one file that only its owner can read; secrets and addresses do not, and their number does."""
    config = AgentConfig(
        state=str(tmp_path / "state"),
        language="en",
        snmp={"127.0.0.1": SnmpSecret(community=COMMUNITY)},
        ssh={"127.0.0.1": SshSecret(USER, PASSWORD, port=device.port)},
    )
    path = tmp_path / "out.txt"
    status = record(options("--snmp-port", str(snmp), "--output", str(path), "--hide", "Springfield"), config)
    text = path.read_text("utf-8")

    assert (status, path.stat().st_mode & 0o777) == (0, 0o600)
    for planted in (PASSWORD, COMMUNITY, "4c1f", "4c1fcc", "10.20.0.1", "Springfield", "210235A1", "127.0.0.1"):
        assert planted not in text
    assert text.startswith("campusproof recording 1\n")
    assert "family: huawei_vrp" in text
    assert re.search(r"hardware addresses: \d+ places", text)
    assert "hardware addresses" in capsys.readouterr().out
    # The same address has one pseudonym in both sources.
    assert "02005e10" in text
    assert "0200-5e10-" in text
    assert host_keys(config.directory) == {f"127.0.0.1:{device.port}": key_of(device)}


@pytest.mark.parametrize(
    ("column", "value", "kept"),
    [
        ("lldpRemSysCapEnabled", b"\x28\x00", "2800"),
        ("dot3adAggPortListPorts", bytes.fromhex("c00000000000ff"), "c00000000000ff"),
        ("ifName", "教室".encode(), "教室"),
        ("ifHighSpeed", 10_000, 10_000),
        ("ifPhysAddress", bytes.fromhex("4c1fcc123456"), "02005e100001"),
        ("lldpLocPortId", bytes.fromhex("4c1fcc123456"), "02005e100001"),
        ("ifPhysAddress", b"abcdef", "02005e100001"),
        ("lldpLocPortId", b"GE0/0/1", "GE0/0/1"),
        ("ifDescr", b"one\r\n\ttwo", ["one", "two"]),
        ("entPhysicalSoftwareRev", b"V200R010\n", ["V200R010"]),
        ("lldpLocPortId", b"ab\rcd\n", "02005e100001"),
        ("ifDescr", b"one\x01", "000000000001"[-8:]),
        ("entPhysicalSerialNum", b"210235A1B2C3", "SERIAL0001"),
        ("ipAddressIfIndex", 7, None),
        ("dot1qTpFdbPort", 7, None),
    ],
)
def test_values_of_snmp(column: str, value: Value, kept: int | str | list[str] | None) -> None:
    """Numbers, names and bits are kept as they came, addresses and serial numbers are not; nor rows that are addresses."""
    told = Told(Tables(walks={column: Walk({(1,): value}, End.LEFT_SUBTREE)}))
    content = json.loads(of_snmp(told, Scrub()).text)["columns"][column]

    assert content.get("rows", {}).get("1") == kept
    assert content["count"] == 1


def test_a_description_of_several_lines() -> None:
    """What identifies a switch is kept, line by line, and what must not leave is found at the start of a line too."""
    told = Told(Tables({"sysDescr": b"Huawei VRP\r\n4c1f-cc12-3456\r\nserial number: 210235A1B2C3\r\nV200R010"}))
    scrub = Scrub()
    text = composed("", [of_snmp(told, scrub)], scrub)

    assert [one for one in ("4c1f-cc12-3456", "210235A1B2C3") if one in text] == []
    assert [one for one in ('"Huawei VRP"', '"V200R010"', "SERIAL0001") if one not in text] == []


@pytest.mark.parametrize("output", ["nowhere/out.txt", "."], ids=["no such folder", "a folder"])
def test_where_no_file_can_be_written(
    output: str, snmp: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A file that cannot be written is refused before the switch is asked."""
    config = AgentConfig(state=str(tmp_path), language="en", snmp={"127.0.0.1": SnmpSecret(community="wrong one")})
    started = time.monotonic()

    assert record(options("--snmp-port", str(snmp), "--output", str(tmp_path / output)), config) == 2
    assert "no file can be written there" in capsys.readouterr().err
    assert time.monotonic() - started < SNMP_TIMEOUT_S


def test_no_faster_than_a_scan() -> None:
    """A switch that is recorded is asked at the pace that the scan notice promises."""
    moments: list[float] = []
    table = Table(switch(Interface("GE0/0/1")) | SYSTEM)

    def answer(octets: bytes) -> bytes | None:
        moments.append(time.monotonic())
        return answered(octets, table, COMMUNITY.encode(), (V1, V2C))

    started = time.monotonic()
    with replying(answer) as port:
        told = told_by_snmp("127.0.0.1", port, SnmpSecret(community=COMMUNITY))

    assert (told.failure, len(moments) > 2 * BURST) == (None, True)
    assert moments[-1] - started >= (len(moments) - BURST) / PER_DEVICE_PER_S


@pytest.mark.parametrize("silent", [True, False], ids=["silent", "refusing"])
def test_the_next_address(silent: bool, snmp: int) -> None:
    """A switch of which nobody answers at the first address is recorded through the next one, as the scan reads it."""
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as first:
        if silent:
            first.bind(("::1", snmp))
        told = told_by_snmp("localhost", snmp, SnmpSecret(community=COMMUNITY))

    assert (told.failure, told.tables.scalar_text("sysName")) == (None, "acc-1")


def test_by_its_name(snmp: int, tmp_path: Path) -> None:
    """A switch may be named as in the list of the last run; neither name nor address stands in the file."""
    config = AgentConfig(state=str(tmp_path), language="en", snmp={"127.0.0.1": SnmpSecret(community=COMMUNITY)})
    keep_run(config.directory, {"switches": [{"host": "127.0.0.1", "port": snmp, "name": "core-9"}]}, ())
    asked = options("--output", str(tmp_path / "out.txt"))
    asked.host = "core-9"

    assert record(asked, config) == 0
    assert [one for one in ("core-9", "127.0.0.1") if one in (tmp_path / "out.txt").read_text("utf-8")] == []


def test_nothing_listens(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A port that refuses has said nothing: there is no recording of it, and the status says so."""
    config = AgentConfig(state=str(tmp_path), language="en", snmp={"127.0.0.1": SnmpSecret(community=COMMUNITY)})
    path = tmp_path / "out.txt"

    assert record(options("--snmp-port", "9", "--output", str(path)), config) == 1
    assert "nothing was heard" in capsys.readouterr().err
    assert not path.exists()


def called(row: Row) -> object:
    """What a row is about: the name of what it tells of, or of the access point that sends a network; else the whole row."""
    return row.ap if isinstance(row, CliNetwork) else getattr(row, "name", row)


def test_a_recording_can_be_read_again(device: Device, tmp_path: Path) -> None:
    """What was scrubbed is still an answer of that family: a recording becomes a transcript."""
    config = AgentConfig(
        state=str(tmp_path), language="en", ssh={"127.0.0.1": SshSecret(USER, PASSWORD, port=device.port)}
    )
    path = tmp_path / "out.txt"
    record(options("--vendor", "huawei_vrp", "--output", str(path)), config)
    sections = dict(re.findall(r"===== question (\w+) · .*\n((?:(?!=====).*\n)*)", path.read_text("utf-8")))

    assert set(sections) == set(vendor("huawei_vrp").questions)
    for question, text in sections.items():
        rows = parse(vendor("huawei_vrp"), question, text)
        told = parse(
            vendor("huawei_vrp"), question, device.answers[vendor("huawei_vrp").questions[question].command].decode()
        )
        assert [called(one) for one in rows] == [called(one) for one in told]
        assert [one.speed_bit_s for one in rows if isinstance(one, CliPort)] == [
            one.speed_bit_s for one in told if isinstance(one, CliPort)
        ]


def test_a_typed_login(device: Device, tmp_path: Path) -> None:
    """Without an account in the settings the password is read, and never stands in the command line."""
    path = tmp_path / "out.txt"
    words = ("--vendor", "huawei_vrp", "--user", USER, "--port", str(device.port), "--output", str(path))
    done = typed(tmp_path, f"{PASSWORD}\n", "record", "127.0.0.1", *words, agent=f'state = "{tmp_path}"\n')

    assert (done.returncode, "question interfaces" in path.read_text("utf-8")) == (0, True)


def test_a_changed_host_key(device: Device, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A switch with another key than the pinned one is not logged in to, and nothing is written."""
    config = AgentConfig(
        state=str(tmp_path), language="en", ssh={"127.0.0.1": SshSecret(USER, PASSWORD, port=device.port)}
    )
    pin(config.directory, {f"127.0.0.1:{device.port}": key_of(device)})
    device.key = host_key(1)
    path = tmp_path / "out.txt"

    assert record(options("--vendor", "huawei_vrp", "--output", str(path)), config) == 1
    assert "another host key than before" in capsys.readouterr().err
    assert (device.passwords, path.exists()) == ([], False)


@pytest.mark.parametrize(("given", "listed", "asked"), [(0, 1161, 1161), (161, 1161, 161), (0, None, 161)])
def test_which_port(given: int, listed: int | None, asked: int, tmp_path: Path) -> None:
    """SNMP is asked on the port that is typed, be it 161, else on that of the list, else on 161."""
    config = AgentConfig(state=str(tmp_path))
    one = {"host": "10.0.0.1", "name": "127.0.0.1"}
    keep_run(config.directory, {"switches": [one if listed is None else one | {"port": listed}]}, ())

    found = _found(options("--snmp-port", str(given)) if given else options(), config)
    assert (found.host, found.snmp_port) == ("10.0.0.1", asked)


@pytest.mark.parametrize(
    ("host", "port", "words"),
    [("core 1", 161, "host: expected a host name"), ("127.0.0.1", 65_536, "port: expected 65535 or less")],
)
def test_what_is_no_host(host: str, port: int, words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What can be no host or no port is refused in words."""
    config = AgentConfig(state=str(tmp_path), language="en", snmp={host: SnmpSecret(community=COMMUNITY)})
    asked = options("--snmp-port", str(port), "--output", str(tmp_path / "out.txt"))
    asked.host = host

    assert (record(asked, config), words in capsys.readouterr().err) == (2, True)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [((), "No login and no SNMP secret"), (("--user", "x", "--vendor", "nokia"), "no vendor 'nokia'")],
)
def test_what_cannot_be_recorded(arguments: tuple[str, ...], words: str, tmp_path: Path) -> None:
    """Without any way to ask, or with a family that is none, the words say what is missing."""
    done = typed(tmp_path, "x\n", "record", "127.0.0.1", *arguments, agent=f'state = "{tmp_path}"\n')

    assert (done.returncode, words in done.stderr) == (2, True)
