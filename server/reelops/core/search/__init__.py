"""Finding clips that look like a clip, within a task."""
