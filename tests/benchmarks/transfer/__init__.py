"""Large files in and out, against nginx."""
