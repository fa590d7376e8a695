"""What a person can do: observable items, the frameworks they are coded in, and dated observations of her."""
