"""Searches of parameters that train their candidates together."""
