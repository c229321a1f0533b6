"""What members say about themselves: name, preferences, and that they want to leave."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import get_adapter
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from gallery.models import Handover, User
from gallery.people.directory import members
from generator.models import Image

DELETE, HAND_OVER = "delete", "hand over"


class ProfileForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable at run time
    """The name that others see; without one they see the username. The member's own `clean` checks it."""

    class Meta:
        model = User
        fields = ("first_name", "last_name")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": ""} | kwargs)
        self.fields["first_name"].widget.attrs["autocomplete"] = "given-name"
        self.fields["last_name"].widget.attrs["autocomplete"] = "family-name"


class PreferencesForm(forms.ModelForm):  # type: ignore[type-arg]
    language = forms.ChoiceField(
        label="Language and formats",
        required=False,
        help_text="The pages speak English so far; what this changes is how dates and times are written.",
    )

    class Meta:
        model = User
        fields = ("theme", "language", "default_visibility")
        labels = {"theme": "Colours", "default_visibility": "Who sees new pictures"}
        widgets = {"theme": forms.RadioSelect}
        help_texts = {
            "theme": "Auto is as your device says.",
            "default_visibility": _(
                "What the form for new pictures starts with. What only you see, an administrator can open; "
                "that is logged."
            ),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": ""} | kwargs)
        fields: Any = self.fields
        fields["language"].choices = [("", "As the browser asks"), *settings.LANGUAGES]
        fields["theme"].choices = [(User.Theme.AUTO, "Auto"), *User.Theme.choices[1:]]
        fields["default_visibility"].choices = [("", "Those whom I chose last time"), *Image.Visibility.offered()]


class HeirField(forms.ModelChoiceField):  # type: ignore[type-arg]
    def label_from_instance(self, member: Any) -> str:
        name = member.get_full_name()
        said = f"{name} ({member.username})" if name else member.username
        return f"{said}, {member.role.label.lower()}" if member.is_staff else said


class LeaveForm(forms.Form):
    """What becomes of the pictures, and a proof that it is really them: the password or, without one, the username.

    After validation `heir` is the member who is asked to take the pictures, or None if they are to be deleted.
    """

    pictures = forms.ChoiceField(
        label="Your pictures",
        choices=[(DELETE, _("Delete my pictures")), (HAND_OVER, _("Offer them to somebody"))],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what becomes of your pictures."},
    )
    heir = HeirField(
        label=_("To whom"),
        queryset=User.objects.none(),
        required=False,
        empty_label=None,
        error_messages={"invalid_choice": "Choose somebody from the list."},
    )
    fallback = forms.ChoiceField(
        label=_("If they do not accept"),
        choices=Handover.Fallback.choices,
        initial=Handover.Fallback.DELETE,
        required=False,
        widget=forms.RadioSelect,
    )
    password = forms.CharField(
        label="Your password",
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        error_messages={"required": "Type your password."},
    )
    username = forms.CharField(
        label="Your username, as a confirmation",
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none"}),
        error_messages={"required": "Type your username."},
    )

    def __init__(self, data: Any = None, *, user: User) -> None:
        super().__init__(data, label_suffix="")
        self.user = user
        del self.fields["username" if user.has_usable_password() else "password"]
        fields: Any = self.fields
        fields["heir"].queryset = heirs_of(user)
        if not fields["heir"].queryset.exists():
            del self.fields["heir"], self.fields["fallback"]
            fields["pictures"].choices = fields["pictures"].choices[:1]
            self.initial["pictures"] = DELETE

    def clean_password(self) -> str:
        """allauth slows guessing down, here as at the entrance."""
        password: str = self.cleaned_data["password"]
        if not get_adapter().reauthenticate(self.user, password):
            raise ValidationError("That is not your password.")
        return password

    def clean_fallback(self) -> str:
        """What leaving without an offer does."""
        return self.cleaned_data["fallback"] or Handover.Fallback.DELETE

    def clean_username(self) -> str:
        username: str = self.cleaned_data["username"]
        if username != self.user.username:
            raise ValidationError("That is not your username.")
        return username

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("pictures") == HAND_OVER and not given.get("heir") and "heir" not in self.errors:
            self.add_error("heir", _("Choose who is asked to take your pictures."))
        if given.get("pictures") == DELETE:
            given["heir"] = None
        return given


def heirs_of(user: User) -> QuerySet[User]:
    """Who may be asked to take the pictures: everybody else here, admins first."""
    others = members().filter(is_active=True).exclude(pk=user.pk)
    return others.order_by("-is_superuser", "-is_staff", "username")
