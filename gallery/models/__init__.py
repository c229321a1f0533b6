"""The rows of the read side: members, how they join, and what they say about pictures."""

from gallery.models.decision import Decision
from gallery.models.feedback import Comment, Rating, Report
from gallery.models.joining import Invitation, Joining
from gallery.models.notice import Notice
from gallery.models.user import User

__all__ = ["Comment", "Decision", "Invitation", "Joining", "Notice", "Rating", "Report", "User"]
