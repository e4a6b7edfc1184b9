"""
How does a measurement of the way out get its slot and its tickets, and what is said where it cannot have one?

The slot is looked for and booked, the tickets and the order are sealed, in one transaction of the store: two who order at once get two
slots, never one together. Each ticket opens one session at one server, for one agent, within the slot.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from collector.calendar import Calendar, calendar_of, day_of, midnight_us, minute
from collector.egress_choice import planned
from collector.egress_orders import Plan, Wish, egress_settings, spelled_volume
from collector.frameworks import Framework
from collector.messages import N_
from collector.school import Day, School, Server
from collector.sessions import PROBE
from collector.slots import MOST_DAYS, Limits, Obstacle, Slot, Why, next_free_us, obstacle, spent_octets
from collector.store import Store
from collector.store.rows import Booking, TicketRow
from collector.wrong_order import WrongOrder
from evidence.model import Settings
from evidence.scan import Scan, Task
from evidence.seal import SCAN, seal
from evidence.stream import TICKET, Ticket

TOGETHER_US = 20_000_000  # a group begins so much after its order was given: every agent has heard of it by then
NOT_NOW = {
    Why.EXAM: N_("On exam days the way out is not measured. The next free moment: {free}."),
    Why.SCHOOL_HOURS: N_(
        "In school hours no run may fill the line. The next free moment: {free}; a paced run may be ordered now."
    ),
    Why.LINE: N_("Another run over this line is ordered for that time. The next free moment: {free}."),
    Why.UPLINK: N_(
        "The uplink {shared}, which several schools share, is taken by other runs at that time. The next free moment: {free}."
    ),
    Why.DAY_VOLUME: N_("What {school} may use on that day ({most}) is booked. The next free moment: {free}."),
}
NEVER = N_(
    "There is no free moment in the {days} days after that: look at the days of the school's list, its school hours and "
    "campusproof-collector block list."
)


@dataclass(frozen=True, slots=True)
class Placed:
    """A plan with its slot, what one ticket allows and about what all of it will use, in octets."""

    plan: Plan
    slot: Slot
    ticket_octets: int
    estimate_octets: int

    @property
    def volume(self) -> str:
        """The estimate as people read it."""
        return spelled_volume(self.estimate_octets)


def placed(plan: Plan, at_us: int, calendar: Calendar, booked: Sequence[Slot], limits: Limits) -> Placed:
    """The plan in the slot that begins at this moment; raises WrongOrder naming the next free one."""
    _check_size(plan, limits)
    slot = Slot(plan.load, at_us, at_us + plan.lasts_us)
    found = obstacle(slot, calendar, booked, limits)
    if found is not None:
        raise _not_now(plan, found, next_free_us(slot, calendar, booked, limits), limits)
    left = limits.day_octets - spent_octets(booked, plan.school.id, at_us)
    each = plan.ticket_octets(left)
    taken = replace(slot, load=replace(slot.load, octets=each * plan.tickets))
    return Placed(plan, taken, each, plan.estimate_octets(left))


def _check_size(plan: Plan, limits: Limits) -> None:
    """Refuse what no day and no uplink has room for."""
    load = plan.load
    if load.octets > limits.day_octets:
        raise WrongOrder(
            N_(
                "This may need {octets}, and a school may use {most} a day: take fewer agents, one direction or a smaller rate, or "
                "raise egress_day_octets in config.toml."
            ),
            octets=spelled_volume(load.octets),
            most=spelled_volume(limits.day_octets),
        )
    if load.shared and not load.saturating and load.rate_bit_s > limits.shared_bit_s:
        raise WrongOrder(
            N_(
                "This is faster than runs over the shared uplink {shared} may be together: take a smaller rate, or raise "
                "shared_budget_bit_s in config.toml."
            ),
            shared=load.shared,
        )


def _not_now(plan: Plan, found: Obstacle, free_us: int | None, limits: Limits) -> WrongOrder:
    """What stands in the way, and when nothing will."""
    if free_us is None:
        return WrongOrder(NEVER, days=str(MOST_DAYS))
    return WrongOrder(
        NOT_NOW[found.why],
        free=minute(free_us),
        school=plan.school.name,
        shared=plan.load.shared,
        most=spelled_volume(limits.day_octets),
    )


@dataclass(frozen=True, slots=True)
class WayOut:
    """The part of dispatch that measures the way out."""

    store: Store
    key: Ed25519PrivateKey
    frameworks: tuple[Framework, ...]
    limits: Limits

    def preview(self, school: School, agents: Sequence[str], wish: Wish, start_us: int, now_us: int) -> Placed:
        """What an order would come to that is given now for this start, without giving it; raises WrongOrder as giving it would."""
        at_us = _begins_us(wish, start_us, now_us)
        plan = planned(school, agents, wish, self.frameworks, day_of(at_us).isoformat())
        booked = self.store.orders.booked(midnight_us(day_of(at_us)))
        return placed(plan, at_us, self._calendar(school), booked, self.limits)

    def add(self, school: School, orders: Sequence[tuple[Scan, Wish]]) -> list[tuple[Scan, Placed]]:
        """
        Give orders with a run of the way out added to the tasks of each, in one slot from their start on; each as sealed, and what it takes.

        Several of them are one group, each over a line of its own. Raises WrongOrder where one has no room: then none is given.
        """
        first, wish = orders[0]
        at_us = _begins_us(wish, first.start_unix_us, first.issued_unix_us)
        group = secrets.token_hex(8) if wish.group else ""
        together = sum(len(scan.agents) for scan, _ in orders)
        calendar, today = self._calendar(school), day_of(at_us)
        plans: list[Placed] = []

        def placing(booked: Sequence[Slot]) -> list[Booking]:
            taken, bookings = list(booked), []
            for scan, one in orders:
                plan = planned(school, scan.agents, one, self.frameworks, today.isoformat(), together)
                found = placed(plan, at_us, calendar, taken, self.limits)
                taken.append(found.slot)
                plans.append(found)
                bookings.append(self._booking(scan, found, group))
            return bookings

        bookings = self.store.orders.book(midnight_us(today), placing)
        return [(booking.scan, found) for booking, found in zip(bookings, plans, strict=True)]

    def _booking(self, scan: Scan, found: Placed, group: str) -> Booking:
        """The order with its tickets, sealed, and the slot that it takes."""
        plan, slot = found.plan, found.slot
        tickets = [
            [self._ticket(scan, found, server, agent, f"{group}-{number}" if group else "") for agent in plan.agents]
            for number, server in enumerate(plan.servers)
        ]
        settings = egress_settings(plan, [list(map(self._given, at_server)) for at_server in tickets])
        whole = msgspec.structs.replace(
            scan,
            tasks=(*scan.tasks, Task(PROBE, settings)),
            start_unix_us=slot.from_us if group else scan.start_unix_us,
            expires_unix_us=max(scan.expires_unix_us, slot.to_us),
        )
        rows = tuple(TicketRow(one.session, one.agent, one.server) for one in _flat(tickets))
        return Booking(whole, seal(SCAN, whole, self.key), slot, rows)

    def _ticket(self, scan: Scan, found: Placed, server: Server, agent: str, group: str) -> Ticket:
        """Leave for one agent at one server."""
        plan = found.plan
        return Ticket(
            session=secrets.token_hex(16),
            school=scan.school,
            scan=scan.id,
            agent=agent,
            server=server.id,
            directions=plan.directions,
            not_before_unix_us=found.slot.from_us,
            not_after_unix_us=found.slot.to_us,
            most_octets=found.ticket_octets,
            most_bit_s=plan.pace_bit_s,
            most_us=plan.most_us,
            path=server.path,
            operator=server.operator,
            line=plan.load.line,
            group=group,
            seats=plan.seats,
        )

    def _given(self, ticket: Ticket) -> Settings:
        """A ticket as the order holds it."""
        return {"agent": ticket.agent, "session": ticket.session, "ticket": seal(TICKET, ticket, self.key).decode()}

    def _calendar(self, school: School) -> Calendar:
        """The school's calendar with the exams that the operator blocked for all."""
        blocked = (Day(block.first, block.last, "exam") for block in self.store.servers.blocks())
        return calendar_of(school, tuple(blocked))


def _begins_us(wish: Wish, start_us: int, now_us: int) -> int:
    """When the slot of an order begins that is given now: at its start, and a group's late enough for all to have heard of it."""
    return max(now_us + (TOGETHER_US if wish.group else 0), start_us)


def _flat(tickets: Iterable[Iterable[Ticket]]) -> Iterable[Ticket]:
    """All tickets, those of the first server first."""
    return (one for at_server in tickets for one in at_server)
