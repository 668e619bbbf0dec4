"""What is made from video: clips, and pictures that invite to it."""
