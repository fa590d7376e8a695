"""Technical bricks that know no activity: errors, codes, words, pages, PDF. Holds no table, imports no activity."""
