"""What does a wireless controller know of its access points? The parts of the probe `aps`."""
