"""The review of usage: who used what, when, how fast, what failed, what it cost and how it was liked."""
