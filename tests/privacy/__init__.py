"""What is held of persons: declared, given, frozen, erased."""
