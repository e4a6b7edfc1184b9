"""Does the echo server seal what it saw, and nothing that a header says?"""
