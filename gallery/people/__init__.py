"""The rules of membership: who may join, who holds which role, how staff prove who they are."""
