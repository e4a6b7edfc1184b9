"""
Who is asking, and may they?

Two roles: a school admin sees and orders for one school, an evaluator for all. Accounts are made by the operator on the
command line; there is no default account and no default password.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from collector.school import School
from collector.secrets import hash_password, hashed, is_password, new_secret
from collector.store import Store
from collector.store.rows import Account
from evidence.scan import AskedBy

HOUR_US = 3_600_000_000


class Role(StrEnum):
    """What an account is for."""

    SCHOOL_ADMIN = "school_admin"
    EVALUATOR = "evaluator"


class NotLoggedIn(Exception):
    """Nobody is logged in; pages answer with the way to the login."""


class NotAllowed(Exception):
    """Who is logged in may not see or do this."""


class NoSuchThing(Exception):
    """What was asked for is not there, or not theirs: both look alike."""


@dataclass(frozen=True, slots=True)
class Front:
    """The door for people."""

    store: Store
    now_us: Callable[[], int]
    session_hours: int

    def add(self, name: str, role: Role, school: str, password: str) -> None:
        """Make an account; raises ValueError saying what is wrong."""
        if (role is Role.SCHOOL_ADMIN) != bool(school):
            raise ValueError("a school admin belongs to one school (--school), an evaluator to none")
        if school and self.store.schools.get(school) is None:
            raise ValueError(f"school {school!r}: no such school")
        if not name.strip() or len(name) > 64:
            raise ValueError("name: 1 to 64 characters expected")
        self.store.people.keep(Account(name, role.value, school, hash_password(password)))

    def log_in(self, name: str, password: str) -> str | None:
        """The secret of a new session; None if name or password is wrong, without saying which."""
        account = self.store.people.get(name)
        if not is_password(password, account.password_hash if account else None):
            return None
        secret = new_secret()
        now_us = self.now_us()
        self.store.people.open_session(hashed(secret), name, now_us + self.session_hours * HOUR_US, now_us)
        return secret

    def log_out(self, secret: str | None) -> None:
        """Close a session; nothing happens where none is open."""
        if secret:
            self.store.people.close_session(hashed(secret))

    def who(self, secret: str | None) -> Account:
        """Whose session this is; raises NotLoggedIn."""
        account = self.store.people.session(hashed(secret), self.now_us()) if secret else None
        if account is None:
            raise NotLoggedIn
        return account

    def school(self, account: Account, identity: str) -> School:
        """A school that this account may see; raises NoSuchThing for any other, so that nobody learns what there is."""
        school = self.store.schools.get(identity) if account.school in ("", identity) else None
        if school is None:
            raise NoSuchThing(f"school {identity}")
        return school

    def schools(self, account: Account) -> list[School]:
        """All schools that this account may see."""
        return [school for school in self.store.schools.all() if account.school in ("", school.id)]


def asked_by(account: Account) -> AskedBy:
    """How an order of this account is signed: school-given orders never count as the evaluator's."""
    return AskedBy.EVALUATOR if account.role == Role.EVALUATOR else AskedBy.SCHOOL_ADMIN
