"""
What is the guest? A small virtual machine in which radios are simulated by the kernel's own module for it, mac80211_hwsim.

This machine's kernel need not know Wi-Fi: qemu interprets (TCG, no /dev/kvm), Debian's own kernel runs in it, and the programs in it are this
machine's own, read over 9p. What it proves is that the netlink messages of a real cfg80211 are read right and that a real access point (hostapd)
and a real station (wpa_supplicant) are followed; nothing about propagation, air time or throughput.
"""
