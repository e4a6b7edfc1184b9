"""Do the tools of others say what they say, and nothing more? The real library, the real program, real sockets."""
