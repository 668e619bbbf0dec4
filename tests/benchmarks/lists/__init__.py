"""Lists and searches of a small and of a large library."""
