"""The audit log: what staff and owners do, who signs in and who fails to. Written by django-auditlog, never changed.

It names people and pictures by their keys alone and says their names when it is read: whoever leaves takes their name
along, and no prompt is ever in it.
"""
