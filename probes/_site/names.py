"""
Which addresses does a name have at the servers of its own zone, and what do they and the zones above answer over IPv6?

*Method*: the resolver tells where each zone begins and who serves it (NS), and the addresses of these servers; each server is then asked
itself, at each of its public addresses, over both families. Aliases (CNAME) are followed zone by zone. The zone above is asked for the
delegation and its glue. Every answer is kept.

What it does not prove: what resolvers elsewhere have in their caches.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import product

from probes._literal import Address
from probes._site.ask import MOST_ALIASES, MOST_AT_ONCE, Answer, Question, ask, ask_all
from probes._site.public import Border

MOST_SERVERS = 13  # of one zone; the root has as many
MOST_OF_A_SERVER = 2  # addresses of one server and family
MOST_PARENTS_ASKED = 4
MOST_RESOLVERS = 2
ROOT = "."


@dataclass(frozen=True, slots=True)
class Zone:
    """A zone and its name servers: by name the addresses that the resolver gave, public or not."""

    name: str
    servers: dict[str, tuple[Address, ...]]


@dataclass(frozen=True, slots=True)
class Asked:
    """A zone, and what each of its servers answered at each public address."""

    zone: Zone
    answers: tuple[Answer, ...]

    def authoritative(self, kind: str = "") -> list[Answer]:
        """The answers that count: a server's of the zone, to one kind of question where one is named."""
        return [one for one in self.answers if one.authoritative and kind in ("", one.question.kind)]

    def over(self, version: int) -> set[Address]:
        """The addresses of one family at which a server of the zone answered as one."""
        return {one.question.server for one in self.authoritative() if one.question.server.version == version}


@dataclass(frozen=True, slots=True)
class Lookup:
    """
    What the servers of its zone say of a name: one step for it and one for each alias, the last with the addresses.

    `endless` where the aliases did not end.
    """

    host: str
    steps: tuple[Asked, ...]
    endless: bool = False

    @property
    def last(self) -> Asked:
        """The zone of the last alias."""
        return self.steps[-1]

    def addresses(self, version: int) -> list[Address]:
        """All addresses of one family, each once, public or not."""
        answers = self.last.authoritative("AAAA" if version == 6 else "A")
        return sorted({one for answer in answers for one in answer.addresses()}, key=int)


@dataclass(frozen=True, slots=True)
class Delegation:
    """What the zone above says: the servers it refers to, those of them with IPv6 glue, and whether it referred at all."""

    servers: tuple[str, ...] = ()
    glued: tuple[str, ...] = ()
    referred: bool = False


class Names:
    """Who is asked for names; it remembers what was answered, as evidence and so that nobody is asked the same twice."""

    def __init__(self, border: Border, resolvers: Sequence[tuple[Address, int]], timeout_s: float) -> None:
        self.border = border
        self.answers: list[Answer] = []
        self.until_s = (
            math.inf
        )  # of the monotonic clock: nothing is asked after it, and what was not asked is not decided
        self._resolvers = tuple(resolvers)[:MOST_RESOLVERS]
        self._timeout_s = timeout_s
        self._known: dict[tuple[str, str], Answer] = {}

    def resolved(self, name: str, kind: str) -> Answer | None:
        """What the first resolver that decides says; the last word where none does, None where there is no resolver."""
        answer = self._known.get((name, kind))
        for server, port in self._resolvers if answer is None and self._in_time() else ():
            answer = ask(Question(server, name, kind, True, port), self._timeout_s)
            self.answers.append(answer)
            if answer.decided:
                break
        if answer is not None:
            self._known[name, kind] = answer
        return answer

    def addresses(self, name: str, version: int) -> tuple[list[Address], bool]:
        """The addresses of a name, public or not, as the resolver gives them, and whether it decided."""
        answer = self.resolved(name, "AAAA" if version == 6 else "A")
        return (answer.addresses(), answer.decided) if answer else ([], False)

    def looked_up(self, host: str) -> Lookup:
        """The name at the servers of its zone, and each alias at those of its own."""
        steps: list[Asked] = []
        zone, name = self.zone_of(host), host
        for _ in range(MOST_ALIASES):
            steps.append(self.asked(zone, name, ("AAAA", "A")))
            ends = [one.alias() for one in steps[-1].authoritative()]
            onward = next((one for one in ends if one not in (name, None)), None)
            if onward is None:
                return Lookup(host, tuple(steps), endless=None in ends)
            beyond = self.zone_of(onward)
            if beyond.name == zone.name and any(one.addresses() for one in steps[-1].authoritative()):
                return Lookup(host, tuple(steps))
            zone, name = beyond, onward
        return Lookup(host, tuple(steps), endless=True)

    def zone_of(self, name: str) -> Zone:
        """The zone in which a name lies; without servers where the resolver told of none."""
        for above in ancestors(name):
            answer = self.resolved(above, "NS")
            if answer is not None and answer.servers():
                names = answer.servers()[:MOST_SERVERS]
                self.learn(names, ("AAAA", "A"))
                return Zone(above, {one: self._of_server(one) for one in names})
        return Zone(name, {})

    def above(self, zone: Zone) -> list[Asked]:
        """Every zone above one, up to the root, and how their servers answer for themselves."""
        found: list[Asked] = []
        while zone.name != ROOT and zone.servers:
            zone = self.zone_of(next(iter(ancestors(zone.name)[1:]), ROOT))
            found.append(self.asked(zone, zone.name, ("SOA",)))
        return found

    def learn(self, names: Sequence[str], kinds: Sequence[str]) -> None:
        """Ask the resolver for all of these side by side, so that each is known when it is wanted."""
        with ThreadPoolExecutor(MOST_AT_ONCE) as pool:
            list(pool.map(lambda pair: self.resolved(*pair), product(names, kinds)))

    def asked(self, zone: Zone, name: str, kinds: Iterable[str]) -> Asked:
        """What each server of a zone answers, at each address that we may connect to."""
        public = self._public(zone) if self._in_time() else []
        answers = ask_all([Question(server, name, kind) for server in public for kind in kinds], self._timeout_s)
        self.answers += answers
        return Asked(zone, tuple(answers))

    def delegation(self, zone: Zone, parent: Asked) -> Delegation:
        """How the zone above refers to one; of its servers those that answered are asked, IPv6 first."""
        answering = sorted(parent.over(6), key=int) + sorted(parent.over(4), key=int)
        questions = [Question(server, zone.name, "NS") for server in answering[:MOST_PARENTS_ASKED]]
        answers = ask_all(questions, self._timeout_s)
        self.answers += answers
        referral = next((one for one in answers if one.delegation()), None)
        if (
            referral is None or referral.authoritative
        ):  # a server of both zones answers for the lower one, and refers to nobody
            return Delegation()
        servers = referral.delegation()
        glued = [one for one in servers if self.border.admitted(referral.glue(one), 6)]
        return Delegation(tuple(servers), tuple(glued), True)

    def heard(self, version: int) -> bool:
        """Whether any name server answered over a family: then this box's own way is not what is broken."""
        asked = (one for one in self.answers if one.message is not None and not one.question.recursive)
        return any(one.question.server.version == version for one in asked)

    def _in_time(self) -> bool:
        """Whether there is time to ask."""
        return time.monotonic() < self.until_s

    def _of_server(self, name: str) -> tuple[Address, ...]:
        """All addresses of a name server."""
        return tuple(one for version in (6, 4) for one in self.addresses(name, version)[0])

    def _public(self, zone: Zone) -> list[Address]:
        """The addresses of its servers that we may connect to, each once."""
        kept = [
            one
            for addresses in zone.servers.values()
            for version in (6, 4)
            for one in self.border.admitted(addresses, version)[:MOST_OF_A_SERVER]
        ]
        return list(dict.fromkeys(kept))


def ancestors(name: str) -> list[str]:
    """The name, then each above it, the root last."""
    labels = [] if name == ROOT else name.split(".")
    return [".".join(labels[start:]) for start in range(len(labels))] + [ROOT]
