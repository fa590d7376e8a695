"""The demonstration network: invented persons and figures, loaded once into a home of its own."""
