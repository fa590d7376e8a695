"""People at their screens: a real browser on a running server, over a small demonstration network."""
