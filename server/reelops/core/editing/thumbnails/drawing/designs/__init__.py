"""The five looks."""
