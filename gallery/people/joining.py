"""Who becomes a member, and as what: the rule of this instance and the invitation in the visitor's hand."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest

from gallery.models import Invitation, Joining, User
from gallery.people.roles import roles_up_to

_HELD = "invitation"


class UsedUpError(Exception):
    """The invitation was good when the form was shown, and somebody else has used it since."""


def current_rule() -> str:
    """A value of `Joining.Rule`; reading it writes nothing."""
    return Joining.objects.filter(pk=1).values_list("rule", flat=True).first() or Joining.Rule.CLOSED


def invitation_of_link(token: str) -> Invitation | None:
    """The invitation that a link is good for now."""
    found = Invitation.objects.all().of_token(token)
    return found if found and _counts(found) else None


def is_closed(token: str) -> bool:
    """Whether a link would let somebody in if joining were not closed for all."""
    return current_rule() == Joining.Rule.CLOSED and Invitation.objects.all().of_token(token) is not None


def hold(request: HttpRequest, invitation: Invitation) -> None:
    """Keep it for this browser, so that it survives the way to another sign-in provider and back."""
    request.session[_HELD] = str(invitation.pk)


def let_go(request: HttpRequest) -> None:
    """Forget it: it has been used, or is of no use any more and must not stand in the way."""
    request.session.pop(_HELD, None)


def held_invitation(request: HttpRequest) -> Invitation | None:
    """What this browser came with, if it is still good."""
    held = request.session.get(_HELD)
    found = _invitations().filter(pk=UUID(held)).first() if held else None
    return found if found and found.is_good and _counts(found) else None


def may_join(request: HttpRequest) -> bool:
    """Whether this visitor may make an account by themselves."""
    return current_rule() == Joining.Rule.APPROVAL or held_invitation(request) is not None


@contextmanager
def admission(request: HttpRequest, user: User) -> Iterator[None]:
    """Within it the new `user` is saved: account, use of the invitation, role and group are one transaction.

    Raises `UsedUpError` if the last use went to somebody else; without an invitation the account waits for staff.
    """
    held = request.session.get(_HELD)
    with transaction.atomic():
        invitation = _take(held) if held else None
        if invitation:
            user.invitation = invitation
            user.role = granted_role(invitation)
        else:
            user.awaits_approval, user.is_active = True, False
        yield
        if invitation and invitation.group:
            user.groups.add(invitation.group)
    let_go(request)


def granted_role(invitation: Invitation) -> User.Role:
    """What a guest becomes: never more than the person who invites may still give."""
    wanted = User.Role(invitation.role)
    return wanted if wanted in roles_up_to(invitation.created_by.role) else User.Role.MEMBER


def _take(held: str) -> Invitation:
    invitation = _invitations().filter(pk=UUID(held)).first()
    if invitation is None or not _counts(invitation) or not invitation.use():
        raise UsedUpError
    return invitation


def _invitations() -> QuerySet[Invitation]:
    return Invitation.objects.select_related("created_by", "group")


def _counts(invitation: Invitation) -> bool:
    """No link outlives the right of its maker to invite, nor the rule that lets guests in."""
    maker = invitation.created_by
    return maker.is_active and maker.is_staff and current_rule() != Joining.Rule.CLOSED
