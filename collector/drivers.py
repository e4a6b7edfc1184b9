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
# Drivers of wireless adapters, as the interface's sysfs link names them: the kernel's drivers/net/wireless, and Realtek's own that distributions ship.
RADIOS = frozenset(
    [
        *("ath5k", "ath6kl_sdio", "ath6kl_usb", "ath9k", "ath9k_htc", "ar9170usb", "carl9170"),
        *(
            "ath10k_pci",
            "ath10k_sdio",
            "ath10k_snoc",
            "ath10k_usb",
            "ath11k",
            "ath11k_pci",
            "ath12k",
            "ath12k_pci",
            "ath12k_wifi7_pci",
        ),
        *("b43", "b43-pci-bridge", "b43legacy", "bcma-pci-bridge", "brcmfmac", "brcmsmac", "wl"),
        *("iwl3945", "iwl4965", "iwlwifi", "ipw2100", "ipw2200"),
        *("mt7601u", "mt76x0e", "mt76x0u", "mt76x2e", "mt76x2u", "mt7603e", "mt7615e", "mt7663e", "mt7663u", "mt7663s"),
        *("mt7915e", "mt7921e", "mt7921u", "mt7921s", "mt7925e", "mt7925u", "mt7996e"),
        *("mwifiex_pcie", "mwifiex_sdio", "mwifiex_usb", "mwl8k"),
        *("rt2400pci", "rt2500pci", "rt2500usb", "rt2800pci", "rt2800usb", "rt61pci", "rt73usb"),
        *("rtl8180", "rtl8187", "rtl8188ee", "rtl8192ce", "rtl8192cu", "rtl8192de", "rtl8192ee", "rtl8192se"),
        *(
            "rtl8723ae",
            "rtl8723be",
            "rtl8821ae",
            "rtl8xxxu",
            "r8188eu",
            "r8712u",
            "rtl8812au",
            "rtl8821cu",
            "rtl88x2bu",
        ),
        *(
            "rtw_8703b",
            "rtw_8723cs",
            "rtw_8723de",
            "rtw_8723ds",
            "rtw_8723du",
            "rtw_8812au",
            "rtw_8814ae",
            "rtw_8814au",
        ),
        *("rtw_8821au", "rtw_8821ce", "rtw_8821cs", "rtw_8821cu", "rtw_8822be", "rtw_8822bs", "rtw_8822bu"),
        *("rtw_8822ce", "rtw_8822cs", "rtw_8822cu"),
        *(
            "rtw88_8723de",
            "rtw88_8821ce",
            "rtw88_8821cu",
            "rtw88_8822be",
            "rtw88_8822bu",
            "rtw88_8822ce",
            "rtw88_8822cu",
        ),
        *(
            "rtw89_8851be",
            "rtw89_8851bu",
            "rtw89_8852ae",
            "rtw89_8852be",
            "rtw89_8852bte",
            "rtw89_8852bu",
            "rtw89_8852ce",
        ),
        *("rtw89_8852cu", "rtw89_8922ae", "rsi_sdio", "rsi_usb", "wcn36xx", "wil6210", "zd1201", "zd1211rw"),
    ]
)
RADIOS_OF_THE_LAB = frozenset({"mac80211_hwsim", "replay"})
VIRTUAL_OF_THE_LAB = frozenset({"veth", "tun"})


def is_accepted(reading: Reading, virtual_school: bool) -> bool:
    """Whether a reading may be judged as to its driver; readings that do not depend on one always may."""
    if reading.quantity != q.DESK_SPEED.name:
        return True
    return is_of_a_wire(reading.facts.get("driver", ""), virtual_school)


def is_of_a_wire(driver: object, virtual_school: bool) -> bool:
    """Whether the rate that a port of this driver tells is that of a wire; in a virtual school the lab's ports stand for one."""
    return driver in PHYSICAL or (virtual_school and driver in VIRTUAL_OF_THE_LAB)


def is_of_a_radio(driver: object, virtual_school: bool) -> bool:
    """Whether strengths told by this driver were heard on the air; in a virtual school a simulated radio or a recording stands for one."""
    return driver in RADIOS or (virtual_school and driver in RADIOS_OF_THE_LAB)
