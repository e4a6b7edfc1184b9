"""Is a switch's command line asked safely over real SSH, and is nothing taken for whole that is not?"""

from __future__ import annotations

import re
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from itertools import pairwise
from typing import Any

import netmiko
import paramiko
import pytest

from evidence.model import Failure, Unmeasurable
from probes._cli import CliPort, parse, vendor, vendor_names
from probes._cli.session import MOST_OCTETS
from probes._failures import of_ssh
from probes._ssh import Answers, HostKeyChanged, ask
from tests.probes.cli.device import ENABLE, PASSWORD, STYLES, Device, host_key, key_of, serving, transcripts
from tests.probes.cli.test_transcripts import EXPECTED

Serve = Callable[..., Device]
SILENCE_S = 5.0  # other tests use the processors too
READ_AT_ONCE = 65536  # netmiko.channel, MAX_BUFFER


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Devices of a family in some mood, with all its transcripts."""
    with ExitStack() as stack:

        def one(family: str = "huawei_vrp", **moods: Any) -> Device:
            return stack.enter_context(serving(Device(family, **({"answers": transcripts(family)} | moods))))

        yield one


def asked(device: Device, *questions: str, **login: object) -> Answers:
    """All questions of the family, or some."""
    family = vendor(device.family)
    return ask(family, questions or list(family.questions), device.login(**login), SILENCE_S)


NO_PAGER: dict[str, Any] = {"knows_pager_off": False}
SLOW: dict[str, Any] = {"piece": 61, "pause_s": 0.002}


@pytest.mark.parametrize(
    ("family", "moods"),
    [
        *((family, {}) for family in vendor_names()),
        *((family, NO_PAGER) for family in ("huawei_vrp", "h3c_comware", "ruijie_os", "zte_zxros")),
        *((family, SLOW) for family in ("huawei_vrp", "mikrotik_routeros")),
    ],
)
def test_every_family_end_to_end(family: str, moods: dict[str, Any], serve: Serve) -> None:
    """Over SSH, paged or not, fast or slow, every question of every family gives the rows of its transcript."""
    device = serve(family, **moods)
    answers = asked(device)

    read = {(family, one.question): parse(vendor(family), one.question, one.text) for one in answers.answers}
    assert read == {key: rows for key, rows in EXPECTED.items() if key[0] == family}
    assert set(device.lines) - {""} <= vendor(family).commands


def test_the_host_key_of_the_first_use(serve: Serve) -> None:
    """Without an expectation the key that was seen comes back, as OpenSSH writes it."""
    device = serve()
    seen = asked(device, "inventory").host_key

    assert seen == key_of(device)
    assert re.fullmatch(r"SHA256:[A-Za-z0-9+/]{43}", seen)
    assert asked(device, "inventory", host_key=seen).host_key == seen


def test_a_changed_host_key_stops_the_login(serve: Serve) -> None:
    """Another key than the pinned one: both are named, and neither user nor password leaves this box."""
    device = serve(key=host_key(1))
    before = key_of(Device("huawei_vrp"))

    with pytest.raises(HostKeyChanged) as why:
        asked(device, host_key=before)

    assert (why.value.failure, why.value.seen, device.passwords) == (Failure.NOT_PERMITTED, key_of(device), [])
    assert before in why.value.detail
    assert key_of(device) in why.value.detail


def test_an_old_switch(serve: Serve) -> None:
    """A switch that knows only key exchange with SHA-1 and an ssh-rsa host key is asked all the same."""
    known = {"diffie-hellman-group14-sha1", "diffie-hellman-group1-sha1"}
    newer = [name for name in paramiko.Transport._preferred_kex if name not in known]  # type: ignore[attr-defined]  # the types leave it out
    device = serve(unknown={"kex": newer, "keys": ["rsa-sha2-512", "rsa-sha2-256"]})

    assert asked(device, "interfaces").key_type == "ssh-rsa"


def test_a_wrong_password_is_sent_once(serve: Serve) -> None:
    """Switches lock out who tries again; and the words do not hold the password."""
    device = serve()

    with pytest.raises(Unmeasurable) as why:
        asked(device, password="planted-wrong-7")

    assert (why.value.failure, device.passwords) == (Failure.LOGIN_REJECTED, ["planted-wrong-7"])
    assert "planted" not in why.value.detail


@pytest.mark.parametrize("family", ["ruijie_os", "cisco_ios"])
def test_enable(family: str, serve: Serve) -> None:
    """With the second password the questions that need it are answered; it is sent once."""
    device = serve(family, needs_enable=True)
    answers = asked(device, "interfaces", enable=ENABLE)

    assert parse(vendor(family), "interfaces", answers.of("interfaces").text) == EXPECTED[family, "interfaces"]
    assert device.enables == [ENABLE]


def test_without_the_second_password(serve: Serve) -> None:
    """A question that needs it is not supported; nothing is guessed and `enable` is not tried."""
    device = serve("ruijie_os", needs_enable=True)

    assert asked(device, "interfaces").of("interfaces").failure is Failure.NOT_SUPPORTED
    assert "enable" not in device.lines


def test_a_wrong_second_password_is_sent_once(serve: Serve) -> None:
    """It is told as a rejected login, without the secret."""
    device = serve("cisco_ios")

    with pytest.raises(Unmeasurable, match="enable password not accepted") as why:
        asked(device, enable="planted-wrong-8")

    assert (why.value.failure, device.enables) == (Failure.LOGIN_REJECTED, ["planted-wrong-8"])
    assert "planted" not in str(why.value)


@pytest.mark.parametrize("family", vendor_names())
def test_a_refused_command(family: str, serve: Serve) -> None:
    """The device's way to say no makes that question not supported; the others are answered."""
    device = serve(family)
    del device.answers[vendor(family).questions["lags"].command]
    answers = asked(device, "interfaces", "lags", "neighbours")

    assert [one.failure for one in answers.answers] == [None, Failure.NOT_SUPPORTED, None]


@pytest.mark.parametrize(("mood", "failure"), [("hang_up_in", Failure.UNREADABLE), ("silent_in", Failure.TIMED_OUT)])
@pytest.mark.parametrize("family", ["huawei_vrp", "ruijie_os", "mikrotik_routeros"])
def test_a_cut_answer_is_none(family: str, mood: str, failure: Failure, serve: Serve) -> None:
    """Without the prompt behind it an answer is not whole: no row of it counts, and what was answered before it does."""
    device = serve(family, **{mood: vendor(family).questions["lags"].command})
    answers = ask(vendor(family), ["interfaces", "lags", "neighbours"], device.login(), 1.5)

    assert [one.failure for one in answers.answers] == [None, failure, Failure.INTERRUPTED]
    assert answers.of("lags").text == ""


def test_an_answer_without_end(serve: Serve) -> None:
    """A device that never stops is heard to the limit and no further, and is asked no more."""
    device = serve(endless_in=vendor("huawei_vrp").questions["lags"].command, page=0, piece=2**20)
    answers = asked(device, "interfaces", "lags", "neighbours")

    heard = re.search(r"after (\d+) octets still no end", answers.of("lags").detail)
    assert [one.failure for one in answers.answers] == [None, Failure.INSTRUMENT_LIMIT, Failure.INTERRUPTED]
    assert heard is not None
    assert MOST_OCTETS < int(heard[1]) < MOST_OCTETS + 4 * READ_AT_ONCE


def test_the_prompt_within_an_answer_is_no_end(serve: Serve) -> None:
    """A line that holds the prompt and goes on, or one that is followed by more, does not end an answer."""
    device = serve()
    command = vendor("huawei_vrp").questions["interfaces"].command
    device.answers[command] = (
        device.answers[command]
        .replace(b"uplink:core", b"<acc-1>")
        .replace(b"Description:to-core\n", b"Description:to-core\n<acc-1>\n")
    )
    text = asked(device, "interfaces").of("interfaces").text

    assert text.count("current state") == 14
    with pytest.raises(Unmeasurable, match="not known"):
        parse(vendor("huawei_vrp"), "interfaces", text)


def test_chinese_text(serve: Serve) -> None:
    """Descriptions in GB18030 are read like those in UTF-8."""
    device = serve("h3c_comware")
    answers = device.answers
    device.answers = {command: text.decode().encode("gb18030") for command, text in answers.items()}
    ports = parse(vendor("h3c_comware"), "interfaces", asked(device, "interfaces").of("interfaces").text)

    assert [port.description for port in ports if isinstance(port, CliPort)][3] == "上联 核心"


def test_a_banner_with_something_like_a_prompt(serve: Serve) -> None:
    """The prompt is what comes again, not what a banner shows."""
    device = serve(banner="Authorized users only\r\n<warning>\r\nInfo: 2 lines are in use.\r\n")

    assert asked(device, "inventory").of("inventory").failure is None


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        ("Warning: The password expires. Change now? [Y/N]: ", "N"),
        ("There are security risks in the configuration file. Save it? [y/n]:", "N"),
        ("Press Y or ENTER to continue, N to exit.", ""),
    ],
)
def test_what_is_asked_at_login_is_never_agreed_to(words: str, answer: str, serve: Serve) -> None:
    """An offer to change or save anything is declined."""
    device = serve(question_at_login=words)
    asked(device, "inventory")

    assert "Y" not in [line.upper() for line in device.lines]
    assert answer in device.lines


def test_nothing_but_the_list_can_be_sent(serve: Serve) -> None:
    """A question that the family does not have is none, and a vendor without its command sends nothing."""
    device = serve()

    with pytest.raises(KeyError):
        asked(device, "reboot")
    assert device.lines == []


def test_no_one_there(closed_port: tuple[str, int]) -> None:
    """A closed port is refused; no login was tried."""
    device = Device("huawei_vrp", port=closed_port[1])

    with pytest.raises(Unmeasurable) as why:
        asked(device)

    assert why.value.failure is Failure.REFUSED


def test_a_login_does_not_show_its_secrets() -> None:
    """Neither password appears when a login is printed."""
    shown = repr(Device("huawei_vrp").login(enable=ENABLE))

    assert PASSWORD not in shown
    assert ENABLE not in shown


def test_every_family_has_a_device() -> None:
    """A family without a device to try it on would be untested."""
    assert set(STYLES) == set(vendor_names())


def chained(*errors: BaseException) -> BaseException:
    """Errors that led to one another, the innermost first."""
    for inner, outer in pairwise(errors):
        outer.__context__ = inner
    return errors[-1]


@pytest.mark.parametrize(
    ("error", "failure"),
    [
        (netmiko.NetmikoAuthenticationException(), Failure.LOGIN_REJECTED),
        (paramiko.BadAuthenticationType("", []), Failure.LOGIN_REJECTED),
        (chained(paramiko.AuthenticationException(), netmiko.NetmikoAuthenticationException()), Failure.LOGIN_REJECTED),
        (chained(paramiko.ssh_exception.IncompatiblePeer(), netmiko.NetmikoTimeoutException()), Failure.NOT_SUPPORTED),
        (chained(EOFError(), paramiko.SSHException(), netmiko.NetmikoTimeoutException()), Failure.REFUSED),
        (chained(TimeoutError(), paramiko.SSHException(), netmiko.NetmikoTimeoutException()), Failure.TIMED_OUT),
        (chained(KeyError(), paramiko.SSHException(), netmiko.NetmikoTimeoutException()), Failure.UNREADABLE),
        (netmiko.NetmikoTimeoutException(), Failure.TIMED_OUT),
        (paramiko.ChannelException(1, ""), Failure.NOT_PERMITTED),
        (ValueError(), Failure.UNREADABLE),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, BaseException) else None,
)
def test_what_the_libraries_raise(error: BaseException, failure: Failure) -> None:
    """Of the errors that led to one, the innermost that the table knows decides: netmiko calls everything a time-out."""
    assert of_ssh(error) is failure


@pytest.mark.parametrize(
    ("says", "failure"), [(b"", Failure.REFUSED), (b"220 no SSH here\r\n" * 200, Failure.UNREADABLE)]
)
def test_a_port_that_speaks_no_ssh(says: bytes, failure: Failure) -> None:
    """Who hangs up refuses, who says something else cannot be read; neither is a wrong password."""
    with socket.create_server(("127.0.0.1", 0)) as listener, ThreadPoolExecutor(1) as worker:
        device = Device("huawei_vrp", port=listener.getsockname()[1])
        answering = worker.submit(answered, listener, says)
        with pytest.raises(Unmeasurable) as why:
            asked(device)
        answering.result()

    assert why.value.failure is failure


def answered(listener: socket.socket, says: bytes) -> None:
    """Say something to who connects, and hang up."""
    connection, _ = listener.accept()
    with connection, suppress(OSError):
        connection.sendall(says)
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(4096):
            pass
