"""The panorama of actors. For now only where communes are, to say which permanence is near."""
