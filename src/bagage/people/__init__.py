"""The persons welcomed: who she is in her own words, how she can be reached, her situation as dated facts, what she
agreed to, who follows her, and finding her again without making a second file."""
