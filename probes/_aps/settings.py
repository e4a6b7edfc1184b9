"""
How is a wireless controller asked?

The settings of one controller as a Scan orders them, joined on the box by the secrets that only the box knows, as a switch's are.
"""

from __future__ import annotations

from pydantic import Field

from probes._settings import SNMP_PORT, Host, Port, subject
from probes._switch.settings import Credential, Name, Ssh, Text


class Controller(Credential):
    """One wireless controller: where it answers, whose make it is, and how it is asked."""

    host: Host = Field(description="address or name of the controller's management interface")
    port: Port = Field(default=SNMP_PORT, description="UDP port")
    name: Name | None = Field(default=None, description="what the school calls it; repeated in the readings")
    vendor: Text = Field(
        default="",
        description="whose make it is: huawei, h3c, ruijie, cisco, aruba, ubiquiti; by its SNMP identity where left out",
    )
    ssh: Ssh | None = Field(default=None, description="its command line as second source")

    @property
    def subject(self) -> str:
        """`host:port`, as readings name it."""
        return subject(self.host, self.port)
