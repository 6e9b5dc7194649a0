"""Statements and expressions to nodes: what Python would do, in the same order, one effect a node."""
