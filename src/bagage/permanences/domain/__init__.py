"""Rules of permanences: hours, slots, ways between states."""
