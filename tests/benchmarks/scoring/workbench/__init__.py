"""Procedures at a workbench, seen from the front: one arm, one tool at a time, shapes in plain colours."""
