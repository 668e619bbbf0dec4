"""What the product means: one package per subject, no wire formats, no drivers."""
