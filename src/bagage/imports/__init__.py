"""What an association already has comes in: batches, column mappings, rows set aside, undone in one act."""
