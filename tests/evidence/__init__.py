"""Is the contract kept: by what is written, what is read, and what is refused?"""
