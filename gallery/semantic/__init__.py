"""Pictures by what is in them, put in words: optional, by a model that the admin gives (docs/semantic.md).

Without VITRINE_CLIP_DIR nothing of this is imported that is not Python's own, and `like:` is a word like any other.
"""
