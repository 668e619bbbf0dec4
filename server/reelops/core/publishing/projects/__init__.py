"""Projects: what gathers queue items."""
