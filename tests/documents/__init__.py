"""Every documented example, replayed through the edge."""
