"""Assets: what an organisation has in the library, whatever made it."""
