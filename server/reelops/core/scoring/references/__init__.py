"""The takes by which others are judged: further gold videos of a task, and takes that operators accepted."""
