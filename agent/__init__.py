"""What runs at the school: it is enrolled once, runs the probes that the collector orders, seals and delivers what they found."""
