"""What a call costs, against a FastAPI service of the same route, auth and number of processes."""
