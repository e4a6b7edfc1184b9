"""What does a walk through one network show? The parts of the probe `roam`: pings, the way to the gateway, the station, what follows."""
