"""
Which tool may a Scan order, against which server, and for how long at most?

A public server is no order's to choose: `public` is for a person at this box, and `probes._second.by_hand` keeps it so.
"""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import BaseModel, Field, model_validator

from evidence.stream import Direction
from probes._egress.settings import Server
from probes._settings import FROZEN, is_address, parted

IPERF3, SPEEDTEST_CLI = "iperf3", "speedtest-cli"


class Settings(BaseModel):
    """What a Scan orders of this probe; times are in seconds."""

    model_config = FROZEN

    tool: Literal["iperf3", "speedtest-cli"] = Field(description="whose opinion")
    server: Server | None = Field(
        default=None, description="host:port or [v6]:port: an iperf3 server, or ours that speaks the mini protocol"
    )
    direction: Literal["down", "up", "both"] = Field(default="both", description="towards the school, from it, or both")
    family: Literal[4, 6] | None = Field(
        default=None, description="IP version; left out, that of the first address of the name"
    )
    duration_s: Annotated[int, Field(strict=True, ge=1, le=10)] = Field(default=5, description="length of a direction")
    streams: Annotated[int, Field(strict=True, ge=1, le=16)] = Field(default=4, description="connections side by side")
    timeout_s: Annotated[float, Field(strict=True, ge=0.1, le=10)] = Field(
        default=4.0, description="longest wait for one name, one connect or one answer"
    )
    public: Annotated[bool, Field(strict=True)] = Field(
        default=False, description="ask the tool's public servers instead: by hand only, never by order"
    )
    saturating: Annotated[bool, Field(strict=True)] | None = Field(
        default=None,
        description="whether this box's admin allows runs as fast as they go; the agent adds it, a person may leave it out",
    )

    @model_validator(mode="after")
    def _one_server(self) -> Self:
        """Refuse a run that has no server, or two kinds of one."""
        if self.public and (self.tool != SPEEDTEST_CLI or self.server or self.family):
            raise ValueError("public: only for speedtest-cli, which then chooses server and family itself")
        if not self.public and self.server is None:
            raise ValueError("server: expected host:port")
        host = parted(self.server)[0] if self.server else ""
        if self.family is not None and is_address(host) and (":" in host) != (self.family == 6):
            raise ValueError(f"server: its address is not of the family ordered ({self.family})")
        return self

    @property
    def directions(self) -> tuple[Direction, ...]:
        """What to measure, in this order."""
        return tuple(Direction) if self.direction == "both" else (Direction(self.direction),)
