"""
Is the speed of this port the speed of a wire?

A virtual port reports any number it is told. Speeds are therefore accepted only from drivers of physical Ethernet adapters; a
school that is marked virtual (demo and tests) also accepts veth and tun. A driver that is missing here is refused, with
its name in the reason: adding one is a deliberate step, believing one is not.
Source of the names: the Linux kernel's drivers/net/ethernet and drivers/net/usb.
"""

from __future__ import annotations

from evidence import quantities as q
from evidence.model import Reading

PHYSICAL = frozenset(
    [
        "3c59x",
        "8139cp",
        "8139too",
        "alx",
        "ax88179_178a",
        "ax_usb_nic",
        "asix",
        "aqc111",
        "atl1",
        "atl1c",
        "atl1e",
        "atl2",
        "atlantic",
        "b44",
        "bcmgenet",
        "be2net",
        "bgmac",
        "bna",
        "bnx2",
        "bnx2x",
        "bnxt_en",
        "cdc_ether",
        "cdc_ncm",
        "cxgb4",
        "dm9601",
        "e100",
        "e1000e",
        "enetc",
        "enic",
        "fec",
        "fec_ptp",
        "fm10k",
        "forcedeth",
        "fsl_dpaa2_eth",
        "fsl_dpa",
        "gianfar",
        "hinic",
        "hix5hd2_gmac",
        "hns",
        "hns3",
        "hibmcge",
        "i40e",
        "ice",
        "igb",
        "igc",
        "ixgbe",
        "ixgb",
        "jme",
        "lan743x",
        "lan78xx",
        "macb",
        "mlx4_en",
        "mlx5_core",
        "mtk_soc_eth",
        "mvneta",
        "mvpp2",
        "ngbe",
        "txgbe",
        "nfp",
        "octeontx2-nicpf",
        "qede",
        "qlcnic",
        "r8101",
        "r8125",
        "r8126",
        "r8127",
        "r8152",
        "r8168",
        "r8169",
        "rswitch",
        "rvu_nicpf",
        "sfc",
        "sis190",
        "sis900",
        "skge",
        "sky2",
        "smsc75xx",
        "smsc95xx",
        "st_gmac",
        "stmmaceth",
        "dwmac-sun8i",
        "rk_gmac-dwmac",
        "sun4i-emac",
        "sunhme",
        "sungem",
        "tg3",
        "thunder-nicvf",
        "tulip",
        "via-rhine",
        "via-velocity",
        "vitesse",
        "xgbe",
        "amd-xgbe",
        "yt6801",
        "motorcomm",
        "genet",
    ]
)
VIRTUAL_OF_THE_LAB = frozenset({"veth", "tun"})


def is_accepted(reading: Reading, virtual_school: bool) -> bool:
    """Whether a reading may be judged as to its driver; readings that do not depend on one always may."""
    if reading.quantity != q.DESK_SPEED.name:
        return True
    return is_of_a_wire(reading.facts.get("driver", ""), virtual_school)


def is_of_a_wire(driver: object, virtual_school: bool) -> bool:
    """Whether the rate that a port of this driver tells is that of a wire; in a virtual school the lab's ports stand for one."""
    return driver in PHYSICAL or (virtual_school and driver in VIRTUAL_OF_THE_LAB)
