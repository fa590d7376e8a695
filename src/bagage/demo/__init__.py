"""The demonstration network: invented persons and figures on the eight permanences of 2014, loaded once into a home of its own."""
