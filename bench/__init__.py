"""Where do the figures in docs/performance.md come from? `python -m bench` prints goal, figure and peer, a line each."""
