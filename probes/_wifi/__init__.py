"""What does the radio of this box hear? The parts of the probe `wifi`: netlink, the adapter, scans, what was heard, recordings."""
