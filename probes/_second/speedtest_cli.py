"""
What does speedtest-cli (sivel, Apache-2.0) find?

*Method*: the library, not the program, against our own server that speaks its "mini" protocol. Its constructor would fetch the
configuration of www.speedtest.net whatever the server; here the constants that it would find there stand in for it, proxies are not
asked and redirects not followed, so that nothing is sent to anybody but the server. The library takes for sent what a server refused:
a run with a request that was refused or lost is no result. It counts an upload where it hands it to the socket.

The one place that loads the library, and only when it is asked. Ookla's own program is never run: its licence forbids this use.
"""

from __future__ import annotations

import json
import threading
from contextlib import redirect_stderr, redirect_stdout
from copy import deepcopy
from functools import partial
from http.client import HTTPException, HTTPResponse
from io import StringIO
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import HTTPDefaultErrorHandler, HTTPErrorProcessor, OpenerDirector, Request

from evidence.model import Failure, Unmeasurable
from evidence.stream import Direction
from probes._failures import of_errno
from probes._second.asked import Asked, Opinion, checked
from probes._second.deadline import within

# On import the library takes descriptors 1 and 2 for its own, and closes them when it goes; over 1 we tell what we find.
with redirect_stdout(StringIO()), redirect_stderr(StringIO()):
    import speedtest  # type: ignore[import-untyped]  # the library ships no types

TOOL = "speedtest-cli"
BUSY, FORBIDDEN = 503, (403, 429)
CHOOSING_S = 20.0  # for a list of public servers, and to try some
ENDING_S = 2.0  # for threads to see that the time is over
# What www.speedtest.net tells the tool: how many files of which size it moves at most, 409 MB down and 152 MB up.
CONFIGURATION = {
    "client": {},
    "sizes": {
        "download": [350, 500, 750, 1000, 1500, 2000, 2500, 3000, 3500, 4000],
        "upload": [524_288, 1_048_576, 7_340_032],
    },
    "counts": {"download": 4, "upload": 17},
    "upload_max": 51,
    "threads": {"download": 4, "upload": 4},
}


class _Stop(threading.Event):
    """An event by the name that the library asks for, which Python gives up."""

    def isSet(self) -> bool:  # noqa: N802 - the library's spelling
        """Whether the run is over."""
        return self.is_set()


class _Mini(speedtest.Speedtest):  # type: ignore[misc]  # the library ships no types
    """The library's test, at a server that is given."""

    def __init__(self, url: str, **rest: Any) -> None:
        self._url = url
        super().__init__(**rest)

    def get_config(self) -> dict[str, Any]:
        """The configuration, without asking anybody."""
        self.config.update(deepcopy(CONFIGURATION))  # the library writes into it
        return dict(self.config)

    @property
    def best(self) -> dict[str, str]:
        """The one server there is."""
        return {"url": f"{self._url}/speedtest/upload.php"}


class _Watched(speedtest.SpeedtestHTTPHandler):  # type: ignore[misc]  # the library ships no types
    """The library's way to HTTP; it keeps what became of the requests that failed, which the library passes over."""

    def __init__(self, timeout_s: float) -> None:
        super().__init__(timeout=timeout_s)
        self.trouble: list[Unmeasurable] = []

    def http_open(self, request: Request) -> HTTPResponse:
        """One request."""
        try:
            answer: HTTPResponse = super().http_open(request)
        except (OSError, HTTPException) as lost:
            self.trouble.append(_lost(lost))
            raise
        if answer.status != 200:
            self.trouble.append(_refused(answer.status))
        return answer


def measure(asked: Asked) -> Opinion:
    """One run; raises Unmeasurable where the server did not carry it whole, or not in time."""
    stop = _Stop()
    # One answer, the run, and for the last request of each stream a connect and an answer.
    limit_s = asked.duration_s + 3 * asked.timeout_s + ENDING_S + (CHOOSING_S if asked.address is None else 0)
    return within(limit_s, partial(_measure, asked, stop), stop)


def _measure(asked: Asked, stop: _Stop) -> Opinion:
    """The same, however long it takes."""
    watched = _Watched(asked.timeout_s)
    tester = _tester(asked, stop, watched)
    run = tester.download if asked.direction is Direction.DOWN else tester.upload
    rate_bit_s = run(threads=asked.streams)
    if watched.trouble:
        raise _at(tester.best["url"], watched.trouble[0])
    return _opinion(asked, tester, rate_bit_s)


def _opinion(asked: Asked, tester: Any, rate_bit_s: float) -> Opinion:
    """What the library's results say; it tells octets and a rate, and the time follows from both."""
    down = asked.direction is Direction.DOWN
    octets = tester.results.bytes_received if down else tester.results.bytes_sent
    window_us = round(octets * 8_000_000 / rate_bit_s) if rate_bit_s else 0
    record = {"url": tester.best["url"], "direction": asked.direction, "streams": asked.streams, "octets": octets}
    said = json.dumps({**record, "rate_bit_s": int(rate_bit_s), "window_us": window_us}, indent=1).encode()
    end = "receiver" if down else "sender"
    return checked(Opinion(speedtest.__version__, tester.best["url"], octets, window_us, end, said))


def _tester(asked: Asked, stop: _Stop, watched: _Watched) -> Any:
    """The library, ready to run against the server; raises Unmeasurable where there is none that answers."""
    options = {"timeout": asked.timeout_s, "shutdown_event": stop}
    opener = _opener(watched)
    if asked.address is None:
        tester = _public(options)
    else:
        url = f"http://{asked.where}"
        _greet(opener, url)
        tester = _Mini(url, **options)
    tester.config["length"] = {"download": asked.duration_s, "upload": asked.duration_s}
    tester._opener = opener
    return tester


def _public(options: dict[str, Any]) -> Any:
    """The library as its makers meant it: it asks www.speedtest.net for a list and takes the nearest server that answers."""
    try:
        tester = speedtest.Speedtest(secure=True, **options)
        tester.get_best_server()
    except (speedtest.SpeedtestException, OSError, HTTPException) as none:
        raise Unmeasurable(Failure.UNREACHABLE, f"{TOOL}: no public server: {type(none).__name__}: {none}") from none
    return tester


def _opener(watched: _Watched) -> OpenerDirector:
    """Neither proxy nor redirect; TLS only where a public server wants it."""
    opener, tls = OpenerDirector(), speedtest.SpeedtestHTTPSHandler(timeout=watched.timeout)
    for handler in (watched, tls, HTTPDefaultErrorHandler(), HTTPErrorProcessor()):
        opener.add_handler(handler)
    return opener


def _greet(opener: OpenerDirector, url: str) -> None:
    """See that a mini server is there; raises Unmeasurable."""
    try:
        with opener.open(f"{url}/speedtest/latency.txt") as answer:
            greeting = answer.read(9)
    except HTTPError as refused:
        with refused:
            raise _at(url, _refused(refused.code)) from refused
    except (OSError, HTTPException) as lost:
        raise _at(url, _lost(lost)) from lost
    if greeting != b"test=test":
        raise _at(url, Unmeasurable(Failure.NOT_SUPPORTED, "it does not speak the mini protocol"))


def _at(url: str, why: Unmeasurable) -> Unmeasurable:
    """The same, with the tool and the address that it asked."""
    return Unmeasurable(why.failure, f"{TOOL}, {url}: {why.detail}")


def _refused(status: int) -> Unmeasurable:
    """What the server said instead of content."""
    if status == BUSY:
        return Unmeasurable(Failure.REFUSED, "the server measures for others now, or is full: try again later")
    failure = Failure.REFUSED if status in FORBIDDEN else Failure.NOT_SUPPORTED
    return Unmeasurable(failure, f"HTTP status {status}: is this our server, started with --mini?")


def _lost(error: OSError | HTTPException) -> Unmeasurable:
    """The failure for a request without an answer; urllib wraps what the system said."""
    reason = error.reason if isinstance(error, URLError) else error
    if isinstance(reason, TimeoutError):
        return Unmeasurable(Failure.TIMED_OUT, "no answer in time")
    if isinstance(reason, OSError):
        return Unmeasurable(of_errno(reason.errno or 0), reason.strerror or str(reason))
    return Unmeasurable(Failure.UNREADABLE, f"{type(reason).__name__}: {reason}")
