"""
By which names are the devices called that an admin types commands on?

A leaf, so that both tables of commands can use it.
"""

from __future__ import annotations

from collections.abc import Mapping

BOX = "box"  # said in the person's language
SETTINGS = "probes.toml"
LINUX, HUAWEI, H3C, RUIJIE = "radvd / Linux", "Huawei VRP", "H3C Comware", "Ruijie RGOS"
ROUTERS = (LINUX, HUAWEI, H3C, RUIJIE)
Commands = Mapping[str, tuple[str, ...]]
"""Lines to type, by the device that they are for."""
