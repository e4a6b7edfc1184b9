"""Does the scan notice tell all that may be asked, of whom and how fast, so that it can be signed?"""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from agent import known
from agent.config import AgentConfig, SnmpSecret, SshSecret
from agent.notice import BLANK, Notice, as_html, as_text, groups, notice_of, ordered, prefixes, sources
from agent.speech import Speech
from agent.words import translation
from evidence import quantities as q
from evidence.scan import AskedBy, Scan, Task
from evidence.seal import SCAN, seal
from probes._cli.vendors import vendor, vendor_names
from probes._snmp.exchange import Oid
from probes._switch import mib
from tests.agent.conftest import Enrolled
from tests.collector.running import Running

SWITCHES = [{"host": "127.0.0.1", "port": 1161, "name": "<b>核心</b>"}, {"host": "10.20.0.11", "name": "acc-1"}]
PLANTED = "planted-secret"


def notice(tmp_path: Path, switches: list[dict[str, Any]] | None = None, language: str = "en") -> Notice:
    """The notice of a box that knows a secret for one address and a login for another."""
    config = AgentConfig(
        state=str(tmp_path),
        snmp={"127.0.0.1": SnmpSecret(community=PLANTED), "10.20.0.11": SnmpSecret(user="u", auth_key=PLANTED)},
        ssh={"10.20.0.11": SshSecret("u", PLANTED, port=2222)},
    )
    return notice_of(
        {"switches": SWITCHES if switches is None else switches}, config, Speech(translation(language), language)
    )


def every_object() -> list[tuple[str, Oid]]:
    """Every object that `mib` lets a switch be asked for; two vendors may give one name to objects of their own."""
    tables = [value for value in vars(mib).values() if isinstance(value, dict) and value]
    tables += mib.VENDOR.values()
    objects = [one for table in tables for one in table.items()]
    return [("sysUpTime", mib.SYS_UP_TIME), *(one for one in objects if _is_object(one[1]))]


def _is_object(value: object) -> bool:
    """Whether a value is the name of an object."""
    return isinstance(value, tuple) and len(value) > 6 and all(isinstance(number, int) for number in value)


def test_no_object_is_left_out(tmp_path: Path) -> None:
    """Every object that may be asked lies below a prefix that is printed."""
    text = as_text(notice(tmp_path))
    printed = [prefix for _, objects in groups(str) for prefix in prefixes(objects)]
    hidden = [
        name
        for name, oid in every_object()
        if not any(".".join(map(str, oid)).startswith(f"{prefix}.") for prefix in printed)
    ]

    assert (len(every_object()) > 100, hidden, [one for one in printed if one not in text]) == (True, [], [])


def test_no_command_is_left_out(tmp_path: Path) -> None:
    """Every command that may be sent to a switch is printed beside its vendor."""
    lines = as_text(notice(tmp_path)).splitlines()
    families = [vendor(name) for name in vendor_names()]
    rows = {one.title: next(line for line in lines if f"- {one.title} |" in line) for one in families}

    assert [one for family in families for one in family.commands if one not in rows[family.title]] == []


@pytest.mark.parametrize(
    "words",
    [
        pytest.param("127.0.0.1:1161 | <b>核心</b> | SNMP v2c (in the clear)", id="a community"),
        pytest.param("10.20.0.11:161 | acc-1 | SNMPv3, SSH (2222/tcp)", id="a user and a login"),
        pytest.param("At most 20 SNMP requests a second to one device and 200 to all together", id="how fast"),
        pytest.param("nothing is ever written", id="reading only"),
        pytest.param("at most 20 volumes of at most 8 MB by UDP, at 100 Mbit/s or less", id="how much is sent"),
        pytest.param("No address range and no port is scanned", id="no scan"),
        pytest.param("at most 15 minutes", id="how long"),
        pytest.param("addresses and names of people's devices (only how many there are)", id="what stays"),
        pytest.param(f"signature): {BLANK}", id="lines to sign"),
    ],
)
def test_what_is_said(tmp_path: Path, words: str) -> None:
    """The paper says of each device how it is asked, and the limits that the code keeps."""
    assert words in as_text(notice(tmp_path))


def test_no_secret_is_printed(tmp_path: Path) -> None:
    """Neither form of the paper holds a secret."""
    paper = notice(tmp_path)

    assert PLANTED not in as_text(paper) + as_html(paper)


def test_the_vendor_is_known_after_a_run(tmp_path: Path) -> None:
    """What a device said of itself in the last run stands beside it."""
    known.keep_run(tmp_path, {}, (q.DEVICES_ANSWERED.reading(1_000_000, "10.20.0.11:161", {"vendor": "Ruijie"}),))

    assert "10.20.0.11:161 | acc-1 | Ruijie | SNMPv3" in as_text(notice(tmp_path))


def test_without_devices(tmp_path: Path) -> None:
    """A list that is empty leaves a line to fill in."""
    assert f"{BLANK} | {BLANK}" in as_text(notice(tmp_path, switches=[]))


def test_which_address_asks() -> None:
    """The address named is the one from which the kernel would ask; a name that must be resolved tells none."""
    assert sources(["127.0.0.1", "127.0.0.2", "::1", "core.example"], AgentConfig()) == ["127.0.0.1", "::1"]


class Page(HTMLParser):
    """What a browser would see: the tags, and the text."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: dict[str, int] = {}
        self.language = self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Count it."""
        self.tags[tag] = self.tags.get(tag, 0) + 1
        self.language = dict(attrs).get("lang") or self.language

    def handle_data(self, data: str) -> None:
        """Keep it."""
        self.text += data


@pytest.mark.parametrize(("language", "tag"), [("zh", "zh-CN"), ("en", "en")])
def test_the_page(tmp_path: Path, language: str, tag: str) -> None:
    """The page holds the same words, needs nothing from elsewhere, and takes no name for markup."""
    page, paper = Page(), notice(tmp_path, language=language)
    page.feed(as_html(paper))
    missing = [text for one in paper.sections for text in (one.heading, *one.paragraphs) if text not in page.text]

    assert (page.language, missing, "<b>核心</b>" in page.text) == (tag, [], True)
    assert not {"b", "script", "link", "img"} & set(page.tags)


# --- Which devices ----------------------------------------------------------------------------------------------------


def order(collector: Running, enrolled: Enrolled, host: str, cursor: int) -> None:
    """An order of `uplinks` that waits in the outbox."""
    settings = {"switches": [{"host": host}]}
    scan = Scan(
        f"scan-{cursor}", collector.home, (enrolled.identity.agent,), (Task("uplinks", settings),), 1, 2, AskedBy.CLOCK
    )
    enrolled.outbox.keep_order(cursor, scan, seal(SCAN, scan, collector.parts.key))


def test_the_newest_order_that_waits(collector: Running, enrolled: Enrolled) -> None:
    """An enrolled box names the devices of the newest order, before anything was asked."""
    for cursor, host in enumerate(("10.0.0.1", "10.0.0.2"), start=1):
        order(collector, enrolled, host, cursor)

    assert ordered(enrolled.config) == {"switches": [{"host": "10.0.0.2"}]}


def test_the_last_run_else(enrolled: Enrolled, tmp_path: Path) -> None:
    """Where no order waits, the devices are those of the last run, enrolled or not."""
    before = ordered(enrolled.config)
    for directory in (enrolled.config.directory, tmp_path / "alone"):
        known.keep_run(directory, {"switches": [{"host": "10.0.0.3"}]}, ())
    alone = AgentConfig(state=str(tmp_path / "alone"))

    assert (before, ordered(enrolled.config), ordered(alone)) == ({}, *[{"switches": [{"host": "10.0.0.3"}]}] * 2)
