"""Thumbnails: a title, a look and, where there is one, a frame, drawn as one picture."""
