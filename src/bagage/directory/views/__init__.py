"""The pages of the panorama."""
