"""
How does a person walk a survey with this laptop?

`campusproof-agent survey` asks place by place in the terminal; `--page` serves the same to a phone in the school's LAN while the laptop is carried. Orders
come in and reports go out meanwhile, whether or not `campusproof-agent run` is at work too.
"""

from __future__ import annotations

import argparse
import logging
import secrets
import signal
import socket
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import ip_address
from pathlib import Path

import psutil
import uvicorn

from agent import identity, keys
from agent.config import AgentConfig
from agent.courier import Courier, Offline, Refused, opened
from agent.outbox import Outbox, Visit
from agent.service import Service
from agent.speech import Speech
from agent.survey.options import LISTEN
from agent.survey.route import Route, Stop, next_stop
from agent.survey.site import Door, survey_app
from agent.survey.walker import MEASURING, Walker, WrongVisit
from agent.survey.words import sentences
from agent.words import translation
from evidence.scan import Progress

LOG = logging.getLogger("campusproof.agent")
WRONG = 2
LOOK_S = 0.3
FAMILIES = (socket.AF_INET, socket.AF_INET6)


def survey(options: argparse.Namespace, config: AgentConfig) -> int:
    """Walk until told to stop; 2 for wrong settings."""
    language = options.language or config.language
    speech = Speech(translation(language), language)
    if options.replay is not None and not options.replay.is_file():
        sys.stderr.write(f"--replay {options.replay}: no such file\n")
        return WRONG
    try:
        host, port = _address(options.listen)
        who = identity.load(config.directory)
        courier = opened(config, who.known.collector)
    except (identity.NotEnrolled, keys.KeyWrong, ValueError) as wrong:
        sys.stderr.write(f"{wrong}\n")
        return WRONG
    with courier.http, _at_work(config, who, courier, options.replay) as walker:
        if options.page:
            return _page(walker, host, port, speech)
        return _terminal(walker, speech)


def _address(listen: str) -> tuple[str, int]:
    """Host and port to serve at; raises ValueError."""
    host, _, port = listen.rpartition(":")
    if not host or not (port.isascii() and port.isdigit()) or not 0 <= int(port) <= 65535:
        raise ValueError(f"--listen {listen!r}: expected ADDRESS:PORT, such as {LISTEN} or [::]:8780")
    return host.strip("[]"), int(port)


@contextmanager
def _at_work(config: AgentConfig, who: identity.Identity, courier: Courier, replay: Path | None) -> Iterator[Walker]:
    """A walker that measures on a thread of its own, beside one that listens and one that delivers."""
    outbox = Outbox(config.directory)
    service = Service(config, who, outbox, courier)

    def told(route: Route) -> None:
        service.sealed.set()
        _say(courier, who, route)

    walker = Walker(config, who, outbox, told, replay)
    worker = threading.Thread(target=walker.work, daemon=True)
    service.attend()
    worker.start()
    try:
        yield walker
    finally:
        walker.end()
        worker.join(timeout=10)
        service.stop.set()
        service.sealed.set()


def _say(courier: Courier, who: identity.Identity, route: Route) -> None:
    """Tell the collector how far a walk is; it informs people and may be lost."""
    state = "sealed" if route.complete and not route.repeat else "running"
    try:
        courier.progress(who, route.scan.id, Progress("wifi", state, f"{route.done}/{len(route.stops)}"))
    except (Offline, Refused) as why:
        LOG.info("progress of the survey not told: %s", why)


# --- The page ---------------------------------------------------------------------------------------------------------


def _page(walker: Walker, host: str, port: int, speech: Speech) -> int:
    """Serve the page until a signal says stop."""
    door = Door(lambda pin: print(speech.say("New number: {pin}", pin=pin), flush=True))
    settings = uvicorn.Config(
        survey_app(walker, door, speech.language),
        host=host,
        port=port,
        log_level="warning",
        server_header=False,
        lifespan="off",
    )
    server = uvicorn.Server(settings)
    bound = settings.bind_socket()
    actual = bound.getsockname()[1]
    for address in own_addresses() if host in ("0.0.0.0", "::") else [host]:  # noqa: S104 - compared, not bound
        shown = f"[{address}]" if ":" in address else address
        print(speech.say("On the phone, in the same network, open: http://{address}", address=f"{shown}:{actual}"))
    print(speech.say("Number: {pin}", pin=door.pin))
    print(speech.say("Ctrl-C ends it; what is measured stays and is sent."), flush=True)
    server.run(sockets=[bound])
    return 0


def own_addresses() -> list[str]:
    """The addresses at which a phone may reach this box: neither of this box alone nor of one link alone."""
    told = [one.address for several in psutil.net_if_addrs().values() for one in several if one.family in FAMILIES]
    found = {ip_address(address) for address in told if "%" not in address}
    return [
        str(one)
        for one in sorted(found, key=lambda one: (one.version, one))
        if not (one.is_loopback or one.is_link_local)
    ]


# --- The terminal -----------------------------------------------------------------------------------------------------


def _terminal(walker: Walker, speech: Speech) -> int:
    """Ask place by place until the input ends."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    words, last = sentences(speech), ""
    try:
        while True:
            routes = walker.routes()
            route = next((one for one in routes if not one.complete or one.repeat), None)
            if route is None:
                print(words["complete"] if routes else words["nothing"])
                return 0
            print(words["progress"].format(done=route.done, total=len(route.stops), repeat=route.repeat))
            stop = _asked_place(route, last, speech)
            if stop is not None and _measured(walker, route, stop, words, speech):
                last = stop.place
    except (EOFError, KeyboardInterrupt):
        print()
        return 0


def _asked_place(route: Route, last: str, speech: Speech) -> Stop | None:
    """The place that the walker names, or the suggested one; None where there is no such place."""
    suggested = next_stop(route, last)
    offered = suggested.place if suggested is not None else ""
    typed = input(speech.say("Place [{place}]: ", place=offered)).strip() or offered
    stop = next((one for one in route.stops if one.place == typed), None)
    if stop is None:
        near = [one.place for one in route.stops if typed and typed in one.place]
        print(
            speech.say(
                "No such place; there are: {places}", places=speech.some(near or [one.place for one in route.stops])
            )
        )
    return stop


def _measured(walker: Walker, route: Route, stop: Stop, words: dict[str, str], speech: Speech) -> bool:
    """Measure one point and tell what it is likely to come to; whether it was begun."""
    point = stop.next_point
    print(words["point"].format(point=point, points=stop.points))
    code = input(speech.say("Code on the card: "))
    try:
        visit = walker.begin(secrets.token_hex(16), route.scan.id, stop.place, point, code)
    except WrongVisit as wrong:
        print(words[wrong.code])
        return False
    print(words["measuring"], flush=True)
    while visit.state == MEASURING:
        time.sleep(LOOK_S)
        visit = walker.outbox.visit(visit.id) or visit
    print(_said(visit, words))
    return True


def _said(visit: Visit, words: dict[str, str]) -> str:
    """One visit in a sentence."""
    told = visit.told
    best = told.get("best_mbm")
    blanks = {
        "dbm": "" if best is None else round(best / 100),
        "count": told.get("heard", 0),
        "detail": told.get("detail", ""),
    }
    name = visit.state if visit.state != "sealed" else visit.hint
    return words["nothing_heard" if name == "nothing" else name].format(**blanks)
