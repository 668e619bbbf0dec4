"""Procedures at a table, seen from above: hands with fingers, textured things that move, are used up and change."""
