"""What was done and read: an append-only, hash-chained log that names things by opaque ids and holds no value.

Also the registry in which each activity declares the personal data it keeps.
"""
