"""The pages of permanences: places, sessions, attendance."""
