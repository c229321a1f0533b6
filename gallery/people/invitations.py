"""Making and withdrawing invitations, and what a guest finds behind the link."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from allauth.account.views import SignupView
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from gallery.access import staff_only
from gallery.models import Invitation, Joining
from gallery.people.forms import InvitationForm
from gallery.people.joining import current_rule, granted_role, hold, invitation_of_link, is_closed, let_go
from gallery.people.views import page


@require_POST
@staff_only.posted_from("people")
def invite(request: HttpRequest) -> HttpResponse:
    """Make a link that lets people in."""
    maker: Any = request.user
    form = InvitationForm(request.POST, maker=maker)
    if not form.is_valid():
        return page(request, form, status=422)
    invitation = form.save()
    if current_rule() == Joining.Rule.CLOSED:
        messages.warning(request, _("The invitation is ready. Its link lets people in as soon as joining is opened."))
    else:
        messages.success(request, _("The invitation is ready: copy its link and send it."))
    return redirect(f"{reverse('people')}#i-{invitation.pk}")


@require_POST
@staff_only.posted_from("people")
def revoke(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Withdraw an invitation; who has joined by it stays."""
    invitation = get_object_or_404(Invitation, pk=pk, revoked_at=None)
    invitation.revoked_at = timezone.now()
    invitation.save(update_fields=["revoked_at"])
    messages.success(request, "The invitation is withdrawn. Its link lets nobody in any more.")
    return redirect("people")


class JoinView(SignupView):  # type: ignore[misc]  # allauth is untyped
    """allauth's sign-up behind an invitation's link: its rate limits, its form, its checks of passwords."""

    template_name = "people/join.html"
    http_method_names = ["get", "head", "post", "options"]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.invitation = invitation_of_link(kwargs["token"])
        if self.invitation is None:
            return render(request, "people/gone.html", {"is_closed": is_closed(kwargs["token"])}, status=404)
        if request.user.is_authenticated:
            messages.info(request, "You are a member already. Pass the invitation on to somebody else.")
        else:
            hold(request, self.invitation)
        return super().dispatch(request, *args, **kwargs)  # type: ignore[no-any-return]

    def closed(self) -> HttpResponse:
        """The link was good a moment ago, so somebody else has used it up since."""
        let_go(self.request)
        return render(self.request, "people/gone.html", {"is_late": True}, status=410)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        invitation = self.invitation
        more = {"invitation": invitation, "role": granted_role(invitation)} if invitation else {}
        found: dict[str, Any] = super().get_context_data(**kwargs)
        return found | more


join = JoinView.as_view()
