"""Does the agent measure, seal and deliver, and nothing more?"""
