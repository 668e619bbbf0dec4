"""SOPilot: scoring a trainee's video against a gold standard. See README.md for what delegates to what."""
