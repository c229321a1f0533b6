"""Who may open a page, and what the others are told. One rule for the whole site; `tests/gallery/matrix` holds every
address to it.

- Whoever is not signed in is sent to do so, whether there is something at the address or not. Then they are where they
  wanted to go or, if they had sent a form, at the page it stood on: an address that takes POSTs only is a dead end.
- 404 for what one may not know of: pictures, calls, comments, notices and sessions that are somebody else's and not
  shown to one; and, to members, everything that is for staff.
- 403 for what one may know of but not do: to change a picture or a comment of somebody else that one sees and, for
  moderators, what admins do.

A link that is itself the key, to a picture or into the group, asks nobody to sign in: no account would help, so a link
that opens nothing is a 404 to all. The administration has its own sign-in, which tells members that it is not for them.
`generator` keeps the same rule in its own views. Staff see what a member would see, and what they have hidden or
removed themselves; whoever looks at all pictures (`gallery/looking.py`) opens the others too, each with a line in the
audit log.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cache, wraps
from typing import TYPE_CHECKING, Any
from uuid import UUID

from allauth.usersessions.models import UserSession
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponseBase
from django.urls import reverse

from gallery import looking
from gallery.models import Comment, Handover, Notice
from gallery.models.user import anybody
from generator.models import Image
from generator.models.compiled import SOMETHING, CompiledObjects

if TYPE_CHECKING:
    from gallery.models.feedback import CommentQuerySet
    from generator.models.image_queryset import ImageQuerySet

View = Callable[..., HttpResponseBase]
Decorator = Callable[[View], View]
# The rows that a person, who may be nobody in particular, may do something to; and the one of them with an id.
Rows = Callable[[Any], QuerySet[Any]]
Find = Callable[[Any, Any], Any]


def sign_in(request: HttpRequest, page: str) -> HttpResponseBase:
    """To the entrance, and from there back to this address or, after a form, to the page where it stood."""
    is_page = request.method in ("GET", "HEAD")
    return redirect_to_login(request.get_full_path() if is_page else page)


@dataclass(frozen=True)
class Door:
    """Decorates views that some people may open. `admit` raises what the others meet who are signed in."""

    admit: Callable[[Any], None]
    page: str = "explore"

    def __call__(self, view: View) -> View:
        @wraps(view)
        def wrapped(request: HttpRequest, *args: Any, **more: Any) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return sign_in(request, reverse(self.page))
            self.admit(request.user)
            return view(request, *args, **more)

        return wrapped

    def posted_from(self, page: str) -> Door:
        """The same for an address that takes the forms of the page with this name."""
        return replace(self, page=page)


def _admit_members(_user: Any) -> None:
    """Whoever is signed in."""


def _admit_staff(user: Any) -> None:
    if not user.is_staff:
        raise Http404("for staff")


def _admit_admins(user: Any) -> None:
    _admit_staff(user)
    if not user.is_superuser:
        raise PermissionDenied("for admins")


def _admit_lookers(user: Any) -> None:
    _admit_staff(user)
    if not looking.may_look(user):
        raise PermissionDenied("for those who may look at all pictures")


members_only, staff_only, admins_only = Door(_admit_members), Door(_admit_staff), Door(_admit_admins)
# Within the administration, whose own sign-in lets staff through first.
lookers_only = Door(_admit_lookers, page="look_at_all")


def _with_row(
    rows: Rows,
    page: Callable[[Any], str],
    *,
    known: Rows | None = None,
    visitors: bool = False,
    looked_at: Rows | None = None,
    find: Find | None = None,
) -> Decorator:
    """Hand the view the row instead of its id.

    `page` is the address, by the id, of the page whose forms are sent here; of `known` rows a person may know without
    being let in; `visitors` may be let in without having signed in; `looked_at` are those for whoever looks at all.
    `find` looks for one of `rows` in a quicker way.
    """
    first: Find = find or (lambda user, pk: rows(user).filter(pk=pk).first())

    def decorate(view: View) -> View:
        @wraps(view)
        def wrapped(request: HttpRequest, pk: UUID | int, **more: Any) -> HttpResponseBase:
            is_member = request.user.is_authenticated
            row = first(request.user, pk) if is_member or visitors else None
            if row is None and looked_at and looking.is_looking(request):
                row = looked_at(request.user).filter(pk=pk).first()
            if row:
                return view(request, row, **more)
            if not is_member:
                return sign_in(request, page(pk))
            if known and known(request.user).filter(pk=pk).exists():
                raise PermissionDenied("somebody else's")
            raise Http404("no such row")

        return wrapped

    return decorate


Images = Callable[[Any], "ImageQuerySet"]


def _with_image(images: Images, looked_at: Images | None = None, **options: Any) -> Decorator:
    def ready(images: Images) -> Rows:
        return lambda user: images(user).select_related("user", "generation", "call")

    wide = ready(looked_at) if looked_at else None
    return _with_row(ready(images), lambda pk: reverse("image", args=[pk]), looked_at=wide, **options)


def _found_quickly(images: Images, *related: str) -> Find:
    """One of these pictures by its id, by SQL that is made once for visitors, for members and for staff."""

    @cache
    def compiled(is_member: bool, is_staff: bool) -> CompiledObjects[Image]:
        def rows(person: int) -> QuerySet[Image]:
            somebody = anybody(person, is_member=is_member, is_staff=is_staff)
            return images(somebody).filter(pk=SOMETHING).order_by()

        return CompiledObjects(Image, rows, *related)

    def find(user: Any, pk: UUID) -> Image | None:
        return compiled(user.is_authenticated, user.is_staff).first(user.pk, pk)

    return find


def _open(user: Any) -> ImageQuerySet:
    """What has a page for this person."""
    return Image.objects.visible_to(user) | Image.objects.withheld_for(user).filter(trashed_at=None)


def _shown(user: Any) -> ImageQuerySet:
    return Image.objects.shown_small_to(user)


def _all_kept(user: Any) -> ImageQuerySet:
    return Image.objects.visible_to(user, looking=True)


def noting(view: View) -> View:
    """Write down that a picture was opened which only the look at all pictures opens. Comes after the door."""

    @wraps(view)
    def wrapped(request: HttpRequest, image: Image, **more: Any) -> HttpResponseBase:
        if looking.is_looking(request) and not _open(request.user).filter(pk=image.pk).exists():
            looking.note(request, image)
        return view(request, image, **more)

    return wrapped


def shown_to(user: Any, ids: Iterable[UUID]) -> set[UUID]:
    """Those of these pictures that this person may be shown, without looking at all."""
    return set(_shown(user).filter(pk__in=[*ids]).values_list("pk", flat=True))


_quick_page = _found_quickly(_open, "user", "generation", "call")
with_visible_image = _with_image(_open, _all_kept, visitors=True, find=_quick_page)
# For files, which need nothing else of their picture.
with_visible_file = _with_image(_open, _all_kept, visitors=True, find=_found_quickly(_open))
with_shown_image = _with_image(_shown, _all_kept, visitors=True, find=_found_quickly(_shown))
# Public pictures too are talked about by members only.
with_discussed_image = _with_image(Image.objects.visible_to)
with_editable_image = _with_image(Image.objects.editable_by, known=Image.objects.visible_to)
with_restorable_image = _with_image(Image.objects.restorable_by, known=Image.objects.trashed_for)
# What staff may hide, remove and show again. To members that is for staff, whether they see the picture or not.
with_moderated_image = _with_image(lambda user: _shown(user) if user.is_staff else Image.objects.none(), _all_kept)
# What its owner may ask staff about.
with_withheld_image = _with_image(lambda user: Image.objects.withheld().filter(user=user))


def with_linked_image(view: View) -> View:
    """Hand the view the picture of a share link. One that was taken back is a 404, like one that never was."""

    @wraps(view)
    def wrapped(request: HttpRequest, link: str, **more: Any) -> HttpResponseBase:
        images = Image.objects.visible_to(request.user, link=link).select_related("user", "generation", "call")
        if image := images.filter(link=link).first():
            return view(request, image, **more)
        raise Http404("no such link")

    return wrapped


def _visible_comments(user: Any) -> CommentQuerySet:
    comments = Comment.objects.all().shown_to(user).filter(image__in=Image.objects.visible_to(user))
    return comments.select_related("image__call", "image__generation", "image__user")


def _own_comments(user: Any) -> CommentQuerySet:
    return _visible_comments(user).filter(user=user)


def _editable_comments(user: Any) -> CommentQuerySet:
    """Its writer and staff may delete a comment, for as long as they may see its picture."""
    visible = _visible_comments(user)
    return visible if user.is_staff else _own_comments(user)


def _own_notices(user: Any) -> QuerySet[Notice]:
    return Notice.objects.all().of(user)


def _own_handovers(user: Any) -> QuerySet[Handover]:
    return Handover.objects.all().of(user).select_related("member")


def _own_sessions(user: Any) -> QuerySet[UserSession]:
    own: QuerySet[UserSession] = UserSession.objects.filter(user=user)
    return own


with_own_comment = _with_row(_own_comments, lambda _pk: reverse("explore"), known=_visible_comments)
with_editable_comment = _with_row(_editable_comments, lambda _pk: reverse("explore"), known=_visible_comments)
with_own_notice = _with_row(_own_notices, lambda _pk: reverse("notices"))
with_own_handover = _with_row(_own_handovers, lambda _pk: reverse("notices"))
with_own_session = _with_row(_own_sessions, lambda _pk: reverse("usersessions_list"))
