"""Who may log in, and who is logged in?"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Engine, delete, insert, select

from collector.store.engine import reading, writing
from collector.store.rows import Account
from collector.store.tables import ACCOUNT, SESSION


@dataclass(frozen=True, slots=True)
class People:
    """The room of accounts and sessions; only hashes of secrets lie here."""

    engine: Engine

    def keep(self, account: Account) -> None:
        """A new account, or new words for an existing one, whose sessions then end."""
        with writing(self.engine) as connection:
            connection.execute(delete(SESSION).where(SESSION.c.account == account.name))
            connection.execute(delete(ACCOUNT).where(ACCOUNT.c.name == account.name))
            row = {
                "name": account.name,
                "role": account.role,
                "school": account.school,
                "password_hash": account.password_hash,
            }
            connection.execute(insert(ACCOUNT).values(row))

    def get(self, name: str) -> Account | None:
        """An account by name."""
        with reading(self.engine) as connection:
            row = connection.execute(select(ACCOUNT).where(ACCOUNT.c.name == name)).first()
        return None if row is None else Account(row.name, row.role, row.school, row.password_hash)

    def open_session(self, secret_hash: str, account: str, expires_unix_us: int, now_us: int) -> None:
        """A session of a person who logged in; expired ones go."""
        with writing(self.engine) as connection:
            connection.execute(delete(SESSION).where(SESSION.c.expires_unix_us < now_us))
            row = {"secret_hash": secret_hash, "account": account, "expires_unix_us": expires_unix_us}
            connection.execute(insert(SESSION).values(row))

    def session(self, secret_hash: str, now_us: int) -> Account | None:
        """Whose session this is, if it has not expired."""
        query = (
            select(ACCOUNT)
            .join(SESSION, SESSION.c.account == ACCOUNT.c.name)
            .where(SESSION.c.secret_hash == secret_hash, SESSION.c.expires_unix_us > now_us)
        )
        with reading(self.engine) as connection:
            row = connection.execute(query).first()
        return None if row is None else Account(row.name, row.role, row.school, row.password_hash)

    def close_session(self, secret_hash: str) -> None:
        """Log out."""
        with writing(self.engine) as connection:
            connection.execute(delete(SESSION).where(SESSION.c.secret_hash == secret_hash))
