"""Who works here: staff accounts, the tree of organisations, the roles given on its nodes, and what they open."""
