"""Fair connection: the catalogue of offers as data, what one person can really have and what it costs her, her line."""
