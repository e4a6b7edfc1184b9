"""
What does the collector compute itself, from whose runs?

The tables that the judge looks into: which probe stands behind a quantity that only the collector gives, which runs add to it, and what computes it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from collector import managed, roaming
from collector.derived import inside_services
from collector.desktops import gigabit_desktops
from collector.headroom import PROBE as WATCH
from collector.headroom import busy_headroom
from collector.ipv6 import ladder_grades
from collector.ipv6_use import LADDER, UPLINKS, vlans_with_ipv6
from collector.links import slowest_link, wan_medium, wan_speed
from collector.redundant import redundant_uplinks
from collector.school import Evidence, School
from collector.sessions import PROBE as EGRESS
from collector.site import PROBE as SITE
from collector.site import availability, site_support
from collector.two_ends import WAYS
from collector.verdict import Measured
from collector.walked import PROBE as WIFI
from evidence import quantities as q
from evidence.model import SERVER

# Which probe's runs stand behind a quantity that only the collector gives.
BEHIND = {
    q.METRO_INSIDE_REACHED.name: "metro",
    q.EGRESS_BUSY_HEADROOM.name: WATCH,
    q.IPV6_VLAN_SHARE.name: UPLINKS,
    q.SITE_IPV6.name: SITE,
    q.SITE_AVAILABILITY.name: SITE,
    q.WIFI_COVERAGE.name: WIFI,
    q.WIFI_GIGABIT_COVERAGE.name: WIFI,
    q.WIFI_ROAMING.name: roaming.PROBE,
    q.DEVICES_MANAGED_SHARE.name: managed.PROBE,
}
# What every run of the period adds to, and not each agent's latest alone; whose runs are looked at.
OF_ALL_RUNS = dict.fromkeys(WAYS, (EGRESS, SERVER, WATCH)) | {
    q.EGRESS_BUSY_HEADROOM.name: (WATCH, EGRESS, SERVER),
    q.IPV6_VLAN_SHARE.name: (UPLINKS, LADDER),
    q.SITE_IPV6.name: (SITE,),
    q.SITE_AVAILABILITY.name: (SITE,),
    q.WIFI_COVERAGE.name: (WIFI, managed.PROBE),
    q.WIFI_GIGABIT_COVERAGE.name: (WIFI, managed.PROBE),
    q.WIFI_ROAMING.name: (roaming.PROBE, managed.PROBE),
}
# Whose silence or age withholds a verdict beside that of the probe behind it.
RESTS_TOO_ON = {q.IPV6_VLAN_SHARE.name: (LADDER,)}
Derive = Callable[[School, Sequence[Evidence]], Measured]
# What is computed here from ports, links and the declared list, also where the probe gives a sum of its own: the school's box must
# not choose which links count.
DERIVED: dict[str, Derive] = {
    q.BACKBONE_MIN.name: lambda school, runs: slowest_link(q.BACKBONE_MIN, school, runs, lambda _: True),
    q.BUILDING_MIN.name: lambda school, runs: slowest_link(q.BUILDING_MIN, school, runs, school.between_buildings),
    q.CORE_SPEED.name: lambda school, runs: slowest_link(q.CORE_SPEED, school, runs, school.of_core),
    q.DESKTOP_GIGABIT_SHARE.name: gigabit_desktops,
    q.UPLINK_REDUNDANT_SHARE.name: redundant_uplinks,
    q.WAN_SPEED.name: wan_speed,
    q.WAN_MEDIUM.name: wan_medium,
    q.METRO_INSIDE_REACHED.name: inside_services,
    q.EGRESS_BUSY_HEADROOM.name: busy_headroom,
    q.IPV6_GRADE.name: ladder_grades,
    q.IPV6_VLAN_SHARE.name: vlans_with_ipv6,
    q.SITE_IPV6.name: site_support,
    q.SITE_AVAILABILITY.name: availability,
    q.WIFI_ROAMING.name: roaming.roaming,
    q.DEVICES_MANAGED_SHARE.name: managed.managed_share,
}
