"""The rows of the read side: members, how they join, what they say about pictures, and what they are told."""

from gallery.models.decision import Decision
from gallery.models.document import CommentDocument, CommentIndex, Document, DocumentIndex
from gallery.models.embedding import Embedding
from gallery.models.favourite import Favourite
from gallery.models.feedback import Comment, Rating, Report
from gallery.models.handover import Handover, OfferedPicture
from gallery.models.joining import Invitation, Joining
from gallery.models.mail import Mail
from gallery.models.notice import Notice
from gallery.models.saved_search import SavedSearch
from gallery.models.user import User

__all__ = [
    "Comment", "CommentDocument", "CommentIndex", "Decision", "Document", "DocumentIndex", "Embedding", "Favourite",
    "Handover", "Invitation", "Joining", "Mail", "Notice", "OfferedPicture", "Rating", "Report", "SavedSearch", "User",
]  # fmt: skip
