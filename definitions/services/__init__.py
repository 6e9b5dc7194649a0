"""What lies outside the workflows: a warehouse, a card processor, a carrier, a reader of documents.

Small, but real: they count, refuse, calculate and keep what they did in a file.
"""
