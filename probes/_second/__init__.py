"""The tools of others that the probe `second_opinion` asks: iperf3 as a program, speedtest-cli as a library. Never judged."""
