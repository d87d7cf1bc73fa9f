"""Plays the cases of the suite against a server. Python 3.9 or later, the standard library alone."""
