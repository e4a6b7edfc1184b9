"""
How does a person read a value?

Readings travel as integers in base units; people see Mbit/s, ms, % and dBm, and states and failures in words of their
language. Used by the agent's tables and the collector's pages alike, so that one value never has two spellings.
"""

from __future__ import annotations

from decimal import Decimal

from evidence.model import Failure, Reading, Unit
from evidence.quantities import ALL

LANGUAGES = ("zh", "en")

FAILURES: dict[Failure, tuple[str, str]] = {
    Failure.TIMED_OUT: ("超时无应答", "no answer in time"),
    Failure.REFUSED: ("对方拒绝连接", "connection refused"),
    Failure.UNREACHABLE: ("网络不可达", "network unreachable"),
    Failure.NAME_NOT_FOUND: ("域名无法解析", "name not found"),
    Failure.NOT_PERMITTED: ("没有权限", "not permitted"),
    Failure.LOGIN_REJECTED: ("凭据被拒绝", "login rejected"),
    Failure.NOT_SUPPORTED: ("对方或本机不支持", "not supported"),
    Failure.UNREADABLE: ("应答无法读懂", "answer unreadable"),
    Failure.INTERRUPTED: ("测量被中断", "interrupted"),
    Failure.INSTRUMENT_LIMIT: ("本机能力不足", "limit of this box"),
    Failure.BUG: ("探针程序错误", "bug in the probe"),
}
STATES: dict[str, tuple[str, str]] = {
    "yes": ("是", "yes"),
    "no": ("否", "no"),
    "full": ("全双工", "full duplex"),
    "half": ("半双工", "half duplex"),
    "known": ("已知", "known"),
    "unknown": ("未知", "unknown"),
    "pass": ("通过", "pass"),
    "fail": ("未通过", "fail"),
    "borderline": ("临界", "borderline"),
    "cannot_tell": ("无法判断", "cannot tell"),
    "not_tested": ("未测试", "not tested"),
    "inconclusive": ("无法定论", "inconclusive"),
    "fibre": ("光纤", "fibre"),
    "copper": ("双绞线", "copper"),
    "wan": ("广域网口", "WAN port"),
    "uplink": ("上联口", "uplink"),
    "building": ("楼宇间链路", "link between buildings"),
    "core": ("核心", "core"),
    "ap": ("接入点端口", "access point"),
    "access": ("接入端口", "access port"),
    "stack": ("堆叠口", "stack link"),
    "network": ("网络", "network"),
    "port": ("本机网口", "port of this box"),
    "cpu": ("本机处理器", "processor of this box"),
    "receiver": ("接收端", "receiver"),
    "server": ("测量服务器", "measurement server"),
    "other_traffic": ("线路上的其他流量", "other traffic on the line"),
    "unsteady": ("不稳定", "unsteady"),
    "none": ("无", "none"),
    "partial": ("部分", "partly"),
    "supported": ("支持", "supported"),
    "complete": ("完全支持", "supported throughout"),
    "can": ("能收听", "can be heard"),
    "cannot": ("不能收听", "cannot be heard"),
    "restricted": ("被法规或设置限制", "restricted"),
    "up": ("在线", "up"),
    "down": ("离线", "down"),
    "standby": ("备用", "standby"),
    "pace": ("测试自身限定的速率", "the rate that the test kept to"),
}
LADDERS = {"ipv6.grade": "G", "logs.grade": "R"}  # a grade is written with the letter of its ladder
RATES = ((10**9, "Gbit/s"), (10**6, "Mbit/s"), (10**3, "kbit/s"))
COUNTED: dict[Unit, tuple[str, str]] = {
    Unit.SECOND: (" 秒", " s"),
    Unit.DAY: (" 天", " days"),
    Unit.MONTH: (" 个月", " months"),
    Unit.COUNT: ("", ""),
    Unit.OCTET: (" 字节", " octets"),
    Unit.GRADE: ("", ""),
}


def spelled(reading: Reading, language: str) -> str:
    """The value of a reading with its unit, or its interval, in `zh` or `en`."""
    letter = LADDERS.get(reading.quantity, "")
    if reading.value is not None:
        return letter + spelled_value(reading.unit, reading.value, language)
    if reading.at_least is not None and reading.at_least == reading.at_most:
        return letter + spelled_value(reading.unit, reading.at_least, language)
    low = "" if reading.at_least is None else letter + spelled_value(reading.unit, reading.at_least, language)
    high = "" if reading.at_most is None else letter + spelled_value(reading.unit, reading.at_most, language, up=True)
    if low and high:
        return f"{low} … {high}"
    return f"≥ {low}" if low else f"≤ {high}"


def spelled_value(unit: str, value: int | str, language: str, up: bool = False) -> str:
    """One value with its unit, cut to three decimals (`up`: rounded up); a state in words; text of an unknown unit as it came."""
    english = LANGUAGES.index(language)
    if isinstance(value, str) and not (value.isascii() and value.isdigit()):
        return STATES[value][english] if value in STATES else value
    number = int(value)
    if unit == Unit.BIT_S:
        return _rate(number, up)
    if unit == Unit.PPM:
        return f"{_short(Decimal(number) / 10_000, up)} %"
    if unit == Unit.MICROSECOND:
        return f"{_short(Decimal(number) / 1000, up)} ms"
    if unit == Unit.MBM:
        return f"{_short(Decimal(number) / 100, up)} dBm"
    suffix = COUNTED[Unit(unit)][english] if unit in COUNTED else f" {unit}"
    return f"{number}{suffix}"


def failure_in_words(failure: Failure, language: str) -> str:
    """A failure in the words of one language."""
    return FAILURES[failure][LANGUAGES.index(language)]


def sentence_of(quantity: str, language: str) -> str:
    """What a quantity means; its bare name if this release does not know it."""
    known = ALL.get(quantity)
    return quantity if known is None else (known.zh, known.en)[LANGUAGES.index(language)]


def _rate(bit_s: int, up: bool) -> str:
    """A rate in the largest unit that leaves at least 1."""
    for size, name in RATES:
        if bit_s >= size:
            return f"{_short(Decimal(bit_s) / size, up)} {name}"
    return f"{bit_s} bit/s"


def _short(number: Decimal, up: bool) -> str:
    """At most three decimals, towards less for what was proved and towards more for what was not exceeded."""
    cut = number.quantize(Decimal("0.001"), rounding="ROUND_CEILING" if up else "ROUND_FLOOR")
    return f"{cut.normalize():f}"
