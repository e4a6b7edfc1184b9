"""
In which tables does the collector keep what it knows?

Every key begins with what the row belongs to. Declared lists and reports are kept whole, as they were written or signed; what
pages ask for is in columns beside them.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

METADATA = MetaData()

SCHOOL = Table(
    "school",
    METADATA,
    Column("id", String, primary_key=True),
    Column("name", Text, nullable=False),
    Column("virtual", Boolean, nullable=False),
    Column("added_unix_us", BigInteger, nullable=False),
)
DECLARED = Table(
    "declared",
    METADATA,
    Column("school", ForeignKey("school.id"), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("declared_unix_us", BigInteger, nullable=False),
    Column("content", LargeBinary, nullable=False),
)
TOKEN = Table(
    "token",
    METADATA,
    Column("secret_hash", String, primary_key=True),
    Column("school", ForeignKey("school.id"), nullable=False),
    Column("place", Text, nullable=False),
    Column("expires_unix_us", BigInteger, nullable=False),
    Column("agent", String),
)
AGENT = Table(
    "agent",
    METADATA,
    Column("id", String, primary_key=True),
    Column("school", ForeignKey("school.id"), nullable=False, index=True),
    Column("place", Text, nullable=False),
    Column("public_key", String, nullable=False),
    Column("secret_hash", String, nullable=False),
    Column("enrolled_unix_us", BigInteger, nullable=False),
    Column("software", Text, nullable=False),
    Column("revoked", Boolean, nullable=False),
    Column("last_sequence", BigInteger, nullable=False),
    Column("last_id", String, nullable=False),
    Column("last_seen_unix_us", BigInteger, nullable=False),
)
SERVER = Table(
    "server",
    METADATA,
    Column("id", String, primary_key=True),
    Column("name", Text, nullable=False),
    Column("host", Text, nullable=False),
    Column("port", Integer, nullable=False),
    Column("path", String, nullable=False),
    Column("operator", Text, nullable=False),
    Column("public_key", String, nullable=False),
    Column("capacity_bit_s", BigInteger, nullable=False),
    Column("added_unix_us", BigInteger, nullable=False),
    Column("revoked", Boolean, nullable=False),
    Column("last_sequence", BigInteger, nullable=False),
    Column("last_id", String, nullable=False),
)
# What an echo server beside a measurement server answers to, and who else is to be reached over IPv6.
NAMES = Table(
    "names",
    METADATA,
    Column("server", ForeignKey("server.id"), primary_key=True),
    Column("zone", Text, nullable=False),
    Column("v6", String, nullable=False),
    Column("v4", String, nullable=False),
    Column("mtu1280", String, nullable=False),
    Column("bad6", String, nullable=False),
    Column("port", Integer, nullable=False),
    Column("http_port", Integer, nullable=False),
)
TARGET = Table(
    "target",
    METADATA,
    Column("address", String, primary_key=True),
    Column("port", Integer, primary_key=True),
    Column("operator", Text, nullable=False),
)
# `agent` is whose key signed: an agent's, or a measurement server's. The ledger looks for it in both tables as it appends.
EVIDENCE = Table(
    "evidence",
    METADATA,
    Column("id", String, primary_key=True),
    Column("school", ForeignKey("school.id"), nullable=False, index=True),
    Column("agent", String, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("probe", String, nullable=False),
    Column("scan", String, nullable=False),
    Column("envelope", LargeBinary, nullable=False),
    Column("receipt", LargeBinary, nullable=False),
    Column("received_unix_us", BigInteger, nullable=False),
    UniqueConstraint("agent", "sequence"),
)
RAW = Table(
    "raw",
    METADATA,
    Column("evidence", ForeignKey("evidence.id"), primary_key=True),
    Column("sha256", String, primary_key=True),
    Column("name", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("content", LargeBinary),
)
REFUSED = Table(
    "refused",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("received_unix_us", BigInteger, nullable=False),
    Column("agent", String, nullable=False, index=True),
    Column("code", String, nullable=False),
    Column("detail", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),
)
ORDER = Table(
    "scan",
    METADATA,
    Column("id", String, primary_key=True),
    Column("school", ForeignKey("school.id"), nullable=False, index=True),
    Column("issued_unix_us", BigInteger, nullable=False),
    Column("expires_unix_us", BigInteger, nullable=False),
    Column("cancelled", Boolean, nullable=False),
    Column("content", LargeBinary, nullable=False),
)
# When a measurement of the way out may run, over which line, and what it may take of the budgets.
SLOT = Table(
    "slot",
    METADATA,
    Column("scan", ForeignKey("scan.id"), primary_key=True),
    Column("school", ForeignKey("school.id"), nullable=False, index=True),
    Column("line", Text, nullable=False),
    Column("shared", Text, nullable=False, index=True),
    Column("from_unix_us", BigInteger, nullable=False),
    Column("to_unix_us", BigInteger, nullable=False),
    Column("rate_bit_s", BigInteger, nullable=False),
    Column("octets", BigInteger, nullable=False),
    Column("saturating", Boolean, nullable=False),
)
TICKET = Table(
    "ticket",
    METADATA,
    Column("session", String, primary_key=True),
    Column("scan", ForeignKey("scan.id"), nullable=False, index=True),
    Column("agent", ForeignKey("agent.id"), nullable=False),
    Column("server", ForeignKey("server.id"), nullable=False),
    Column("observed", Boolean, nullable=False, default=False),
)
BLOCK = Table(
    "block",
    METADATA,
    Column("first", String, primary_key=True),
    Column("last", String, nullable=False),
    Column("note", Text, nullable=False),
)
# A survey's order: whether chance chose of its places already, and the code on each place's card.
SURVEY = Table(
    "survey",
    METADATA,
    Column("scan", ForeignKey("scan.id"), primary_key=True),
    Column("drawn", Boolean, nullable=False),
)
SURVEY_CODE = Table(
    "survey_code",
    METADATA,
    Column("scan", ForeignKey("scan.id"), primary_key=True),
    Column("place", Text, primary_key=True),
    Column("code", String, nullable=False),
)
CHANNEL = Table(
    "channel",
    METADATA,
    Column("cursor", Integer, primary_key=True, autoincrement=True),
    Column("scan", ForeignKey("scan.id"), nullable=False),
    Column("cancels", Boolean, nullable=False),
    Column("envelope", LargeBinary, nullable=False),
    sqlite_autoincrement=True,
)
ADDRESSEE = Table(
    "addressee",
    METADATA,
    Column("agent", ForeignKey("agent.id"), primary_key=True),
    Column("cursor", ForeignKey("channel.cursor"), primary_key=True),
)
PROGRESS = Table(
    "progress",
    METADATA,
    Column("scan", ForeignKey("scan.id"), primary_key=True),
    Column("agent", String, primary_key=True),
    Column("probe", String, primary_key=True),
    Column("state", String, nullable=False),
    Column("detail", Text, nullable=False),
    Column("said_unix_us", BigInteger, nullable=False),
)
ACCOUNT = Table(
    "account",
    METADATA,
    Column("name", String, primary_key=True),
    Column("role", String, nullable=False),
    Column("school", String, nullable=False),
    Column("password_hash", Text, nullable=False),
)
SESSION = Table(
    "session",
    METADATA,
    Column("secret_hash", String, primary_key=True),
    Column("account", ForeignKey("account.name"), nullable=False),
    Column("expires_unix_us", BigInteger, nullable=False),
)
