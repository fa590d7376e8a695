"""The tests: they mirror ``src/bagage``, one folder an activity."""
