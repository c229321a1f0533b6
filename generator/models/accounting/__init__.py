"""What calls cost, what people may use, and what it all adds up to."""
