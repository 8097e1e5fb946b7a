"""Returns: asked for, received, graded, decided on, and sent where they are worth most."""
