"""
What are the lowest rungs of the IPv6 ladder made of?

`kernel` reads what this host has, `classes` says what an address is worth, `routers` and `gateway` ask the network, and
`rungs` judges, without touching anything.
"""
