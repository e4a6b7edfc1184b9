"""
Which families of switches can be asked by command line, and what may be asked of each?

One TOML a family in `probes/vendors`. Whatever is sent to a switch stands in one of them, and a command that does more than
read is refused when the file is loaded: no setting, no order and no answer of a switch can add one.
"""

from __future__ import annotations

import io
import re
import tomllib
from functools import cache
from importlib.resources import files
from typing import Annotated, Literal, Self

import textfsm  # type: ignore[import-untyped]
from pydantic import AfterValidator, BaseModel, Field, model_validator

from probes._settings import FROZEN

# All that a question may be. The last is RouterOS, which tells running rates in no table: one port after the other.
READING = (
    re.compile(r"(display|show) [a-z][a-z0-9 -]*"),
    re.compile(r"/(interface|ip|system)( (ethernet|bonding|bridge|neighbor|routerboard|resource))* print( detail)?"),
    re.compile(
        r":foreach p in=\[/interface ethernet find\] do=\{:put \[/interface ethernet monitor \$p once as-value\]\}"
    ),
)
PAGER_OFF = re.compile(r"(screen-length|terminal length|screen-width|terminal width) [a-z0-9 ]+")
LAST_RULE = "^. -> Error"
# Letters (a rate may stand before them, as in 40GE), then numbers; what follows in brackets is a remark, not a name.
PORT = re.compile(r"(\d*[A-Za-z][A-Za-z_-]*?)[\s_-]*(\d[\d/.:]*)(?:\([A-Za-z]+\))?")
OBJECT_ID = re.compile(r"1\.3\.6\.1\.4\.1(\.\d+)+\.")


def _pattern(text: str) -> str:
    """Refuse a pattern that does not compile."""
    try:
        re.compile(text)
    except re.error as wrong:
        raise ValueError(f"expected a regular expression: {wrong}") from wrong
    return text


def _reading(command: str) -> str:
    """Refuse a command that might do more than read."""
    if not any(one.fullmatch(command) for one in READING):
        raise ValueError(f"command {command!r}: expected one that only reads (display, show, print)")
    return command


def _pager_off(command: str) -> str:
    """Refuse to send anything but what switches the pager of this session off."""
    if not PAGER_OFF.fullmatch(command):
        raise ValueError(f"pager_off {command!r}: expected screen-length or terminal length")
    return command


Pattern = Annotated[str, AfterValidator(_pattern)]
Column = str | list[str]  # one value of the template, or several of which the first that says something counts


class Question(BaseModel):
    """One question: the command, what its rows are, and the template that reads them."""

    model_config = FROZEN

    command: Annotated[str, AfterValidator(_reading)]
    rows: Literal["ports", "lags", "neighbours", "inventory", "aps", "networks"]
    template: Literal["ntc"] | None = None
    platform: str = ""
    textfsm: str = ""
    fields: dict[str, Column]
    none: list[Pattern] = Field(default=[], description="lines that say: there is none")
    counted: Pattern = Field(default="", description="a line of this form stands for one row: as many are expected")
    member_up: list[str] = Field(default=[], description="how the answer says that a member of a group carries traffic")
    unproven: bool = Field(default=False, description="no transcript of a real device has been read with it yet")

    @model_validator(mode="after")
    def _one_template(self) -> Self:
        """Refuse a question with two templates, none, or one that would let a line pass unseen."""
        if (self.template is None) == (not self.textfsm):
            raise ValueError('give either template = "ntc" or textfsm')
        for state in re.split(r"\n\s*\n", self.textfsm.strip())[1:]:
            if state.rstrip().splitlines()[-1].strip() != LAST_RULE:
                raise ValueError(f"textfsm: expected {LAST_RULE!r} as the last rule of every state")
        return self

    def source(self, family: str) -> str:
        """The text of the template."""
        if self.textfsm:
            return self.textfsm
        # By file and not through the package's index, which the environment could point elsewhere.
        name = "_".join([self.platform or family, *self.command.strip("/").split()]) + ".textfsm"
        return files("ntc_templates").joinpath("templates", name).read_text("utf-8")


class Vendor(BaseModel):
    """One family: how it is known, how it speaks, and what it may be asked."""

    model_config = FROZEN

    name: str
    title: str
    netmiko: str
    sys_object_ids: list[str]
    sys_descr: Pattern = Field(description="what sysDescr must contain, where it is known")
    prompt: Pattern = Field(description="the whole of a prompt line")
    privileged: Pattern = Field(default="", description="a prompt that needs no enable")
    more: list[Pattern] = Field(default=[], description="what the pager writes while it waits")
    pager_off: list[Annotated[str, AfterValidator(_pager_off)]] = []
    refused: list[Pattern] = Field(min_length=1, description="how a line begins that says no")
    names: dict[str, str] = Field(default={}, description="short forms of port names")
    port_name: Pattern = Field(default=PORT.pattern, description="the whole of a port's name")
    questions: dict[str, Question]

    @model_validator(mode="after")
    def _usable(self) -> Self:
        """Refuse templates that do not compile, and fields that no template gives."""
        for name, question in self.questions.items():
            values = set(compiled(question.source(self.netmiko)).header)
            wanted = {one for column in question.fields.values() for one in _columns(column)}
            if wanted - values:
                raise ValueError(f"{name}: the template gives no {', '.join(sorted(wanted - values))}")
        wrong = [one for one in self.sys_object_ids if not OBJECT_ID.fullmatch(one)]
        if wrong:
            raise ValueError(f"sys_object_ids: {wrong[0]!r}: expected 1.3.6.1.4.1.N. with a dot at its end")
        return self

    @property
    def commands(self) -> frozenset[str]:
        """Everything that may be sent to a device of this family."""
        rights = ("enable",) if self.privileged else ()
        return frozenset([*(one.command for one in self.questions.values()), *self.pager_off, *rights])

    def long_form(self, letters: str) -> str:
        """The long form of the letters of a port's name."""
        known = {short.lower(): long for short, long in self.names.items()}
        return known.get(letters.lower(), letters)


def _columns(column: Column) -> list[str]:
    """The values of a column as a list."""
    return [column] if isinstance(column, str) else column


def compiled(source: str) -> textfsm.TextFSM:
    """A template ready to read one answer."""
    try:
        return textfsm.TextFSM(io.StringIO(source))
    except textfsm.TextFSMTemplateError as wrong:
        raise ValueError(f"the template does not compile: {wrong}") from wrong


def vendor_names() -> list[str]:
    """The families of this release, in alphabetical order."""
    folder = files("probes").joinpath("vendors")
    return sorted(one.name.removesuffix(".toml") for one in folder.iterdir() if one.name.endswith(".toml"))


@cache
def vendor(name: str) -> Vendor:
    """The family of that name; raises LookupError, which lists those there are."""
    if name not in vendor_names():
        raise LookupError(f"no vendor {name!r}; there are: {', '.join(vendor_names())}")
    text = files("probes").joinpath("vendors", f"{name}.toml").read_text("utf-8")
    return Vendor.model_validate({"name": name, **tomllib.loads(text)})


def vendor_of(sys_object_id: str, sys_descr: str) -> Vendor | None:
    """
    The family of a device by what it says of itself over SNMP; None for one that none of ours is.

    sysObjectID names the maker and comes first; sysDescr must not contradict it, for makers sell more than one system.
    """
    families = [vendor(name) for name in vendor_names()]
    dotted = sys_object_id.lstrip(".") + "."
    by_maker = [one for one in families if any(dotted.startswith(known) for known in one.sys_object_ids)]
    if sys_object_id and not by_maker:
        return None
    fitting = [one for one in by_maker or families if re.search(one.sys_descr, sys_descr)]
    if sys_descr:
        return fitting[0] if len(fitting) == 1 else None
    return by_maker[0] if len(by_maker) == 1 else None
