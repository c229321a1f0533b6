"""The page about members: who may join, who waits, who is invited, who is here; and the page of each."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from gallery.access import admins_only, staff_only
from gallery.models import Handover, Joining, User
from gallery.people import directory
from gallery.people.forms import InvitationForm, JoiningForm, MemberForm, SearchForm
from gallery.people.joining import current_rule
from gallery.people.roles import LastAdminError, activate, change_role, deactivate, roles_up_to
from generator.create.meters import meters


@require_safe
@staff_only
def people(request: HttpRequest) -> HttpResponse:
    """`?q=` searches the members, `&after=` goes on after a username."""
    return page(request)


def page(request: HttpRequest, invitation_form: InvitationForm | None = None, status: int = 200) -> HttpResponse:
    """All of it, with what was wrong about an invitation, if anything was."""
    maker: Any = request.user
    rule = Joining(rule=current_rule())
    search = SearchForm(request.GET)
    asked = search.cleaned_data if search.is_valid() else {"q": "", "after": ""}
    context = {
        "rule": rule,
        "rule_form": JoiningForm(instance=rule, label_suffix=""),
        "invitation_form": invitation_form or InvitationForm(maker=maker),
        "newcomers": list(directory.waiting()[: directory.MOST_WAITING]),
        "newcomer_count": directory.waiting().count(),
        "invitations": list(directory.open_invitations()),
        "my_roles": roles_up_to(maker.role),
        "past": list(directory.past_invitations()),
        "page": directory.by_name(directory.matching(asked["q"]), asked["after"]),
        "q": asked["q"],
    }
    return render(request, "people/people.html", context, status=status)


@require_POST
@admins_only.posted_from("people")
def joining(request: HttpRequest) -> HttpResponse:
    """Set who may become a member."""
    form = JoiningForm(request.POST, instance=Joining.objects.current())
    if not form.is_valid():
        messages.error(request, "Choose one of the rules.")
        return redirect("people")
    form.save()
    messages.success(request, f"Who may become a member: {form.instance}.")
    return redirect("people")


@require_safe
@staff_only
def person(request: HttpRequest, pk: int) -> HttpResponse:
    """A member's role, groups, limits and whether they may sign in."""
    return _person(request, get_object_or_404(directory.members(), pk=pk))


def _person(request: HttpRequest, member: User, form: MemberForm | None = None, status: int = 200) -> HttpResponse:
    form = form or MemberForm(initial={"role": member.role, "groups": member.groups.all()})
    is_asked = Handover.objects.open().of(member).exists()
    context = {"member": member, "form": form, "meters": meters(member), "is_asked": is_asked}
    return render(request, "people/person.html", context, status=status)


@require_POST
@admins_only.posted_from("people")
def person_change(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a member a role and groups."""
    member = get_object_or_404(directory.members(), pk=pk)
    form = MemberForm(request.POST)
    if not form.is_valid():
        return _person(request, member, form, status=422)
    try:
        with transaction.atomic():
            change_role(member, form.cleaned_data["role"])
            member.groups.set(form.cleaned_data["groups"])
    except LastAdminError as error:
        form.add_error("role", str(error))
        member.refresh_from_db()
        return _person(request, member, form, status=409)
    messages.success(request, f"Saved. {member} is {member.role.label.lower()}.")
    return redirect("person", pk=pk)


@require_POST
@admins_only.posted_from("people")
def person_deactivate(request: HttpRequest, pk: int) -> HttpResponse:
    """End their sessions and let them in no more; what they made stays."""
    member = get_object_or_404(directory.members(), pk=pk)
    try:
        deactivate(member)
    except LastAdminError as error:
        messages.error(request, str(error))
        member.refresh_from_db()
        return _person(request, member, status=409)
    messages.success(request, f"{member} is signed out and cannot sign in any more.")
    return redirect("person", pk=pk)


@require_POST
@admins_only.posted_from("people")
def person_activate(request: HttpRequest, pk: int) -> HttpResponse:
    member = get_object_or_404(directory.members(), pk=pk)
    activate(member)
    messages.success(request, f"{member} can sign in again.")
    return redirect("person", pk=pk)


@require_POST
@staff_only.posted_from("people")
@transaction.atomic
def approve(request: HttpRequest, pk: int) -> HttpResponse:
    """Let somebody in who asked."""
    member = get_object_or_404(directory.waiting().select_for_update(), pk=pk)
    activate(member)
    messages.success(request, f"{member} is a member now.")
    return redirect("people")


@require_POST
@staff_only.posted_from("people")
@transaction.atomic
def decline(request: HttpRequest, pk: int) -> HttpResponse:
    """Nobody was let in, so nothing but the request is deleted."""
    member = get_object_or_404(directory.waiting().select_for_update(), pk=pk)
    member.delete()
    messages.success(request, f"The request of {member} is declined and deleted.")
    return redirect("people")
