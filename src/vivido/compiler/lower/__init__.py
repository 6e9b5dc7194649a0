"""How do statements and expressions become nodes? In Python's order, one effect a node."""
