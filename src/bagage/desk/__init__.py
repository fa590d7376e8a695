"""What staff have before them: Today, the frame of a person's file, search. Composes; holds no rule of its own."""
