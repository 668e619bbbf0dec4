"""Comparing a trainee's video with a gold video of the same task."""
