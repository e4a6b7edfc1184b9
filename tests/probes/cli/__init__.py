"""Are switches' command lines asked safely and read rightly?"""
