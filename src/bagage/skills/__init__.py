"""Skills: frameworks kept as data, fifteen things that can be seen being done, and at which step someone does each."""
