"""Rules of imports: reading files and cells, guessing columns, states; without a database."""
