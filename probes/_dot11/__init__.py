"""How is one information element of IEEE 802.11 read? Each module knows a family of them; `probes._beacons` joins what they say."""
