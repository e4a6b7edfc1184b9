"""Does the measurement server credit what was proved, and nothing else?"""
