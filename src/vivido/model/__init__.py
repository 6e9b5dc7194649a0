"""What is stored and sent: the definition, META, records, messages."""
