"""Pictures of those who leave, offered to somebody else: asked for, answered, and what happens without an answer."""
