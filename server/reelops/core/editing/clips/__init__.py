"""Clips: pieces of videos, exact to the frame."""
