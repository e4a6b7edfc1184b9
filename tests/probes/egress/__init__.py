"""Does the egress probe measure what the line carries, and say what held it back?"""
