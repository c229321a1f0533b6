"""What staff may send about members: the rule of joining, invitations, roles and groups, a search."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib.auth.models import Group
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils import timezone

from gallery.models import Invitation, Joining, User
from gallery.people.roles import roles_up_to

MOST_USES = 1000
# Hours by what is said on the page.
LIFETIMES = [(1, "1 hour"), (24, "1 day"), (7 * 24, "1 week"), (30 * 24, "30 days"), (90 * 24, "90 days")]
_WEEK = 7 * 24


class JoiningForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable at run time
    class Meta:
        model = Joining
        fields = ("rule",)
        labels = {"rule": "Who may become a member"}
        widgets = {"rule": forms.RadioSelect}


class InvitationForm(forms.ModelForm):  # type: ignore[type-arg]
    """An invitation by `maker`, whose own role is the most that it can give."""

    lifetime = forms.TypedChoiceField(label="Good for", choices=LIFETIMES, coerce=int, initial=_WEEK)

    class Meta:
        model = Invitation
        fields = ("role", "group", "uses_allowed", "lifetime", "note")
        labels = {"role": "They become", "uses_allowed": "How many people", "note": "Whom it is for"}
        help_texts = {"note": "Only staff see this."}

    field_order = ("note", "role", "group", "uses_allowed", "lifetime")

    def __init__(self, *args: Any, maker: User, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "invite-%s", "label_suffix": ""} | kwargs)
        self.instance.created_by = maker
        roles: Any = self.fields["role"]
        roles.choices = [(role.value, role.label) for role in roles_up_to(maker.role)]
        groups: Any = self.fields["group"]
        groups.empty_label = "No group"
        uses: Any = self.fields["uses_allowed"]
        uses.validators = [MinValueValidator(1), MaxValueValidator(MOST_USES)]
        uses.widget.attrs |= {"min": 1, "max": MOST_USES}

    def save(self, commit: bool = True) -> Any:
        self.instance.expires_at = timezone.now() + timedelta(hours=self.cleaned_data["lifetime"])
        return super().save(commit)


class MemberForm(forms.Form):
    """Role and groups of a member."""

    role = forms.ChoiceField(choices=User.Role.choices, widget=forms.RadioSelect)
    groups = forms.ModelMultipleChoiceField(
        queryset=Group.objects.order_by("name"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "member-%s", "label_suffix": ""} | kwargs)


class SearchForm(forms.Form):
    """A part of a name or address, and the username after which the page begins."""

    q = forms.CharField(max_length=100, required=False, label="Find a member")
    after = forms.CharField(max_length=150, required=False)
