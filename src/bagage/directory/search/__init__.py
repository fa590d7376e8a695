"""How the panorama is searched: its index in memory, and the words of what it answers."""
