"""One's own account. Two addresses stand before allauth's of the same kind, to do more than those."""

from django.urls import include, path

from gallery.account import views

_account = [
    path("", views.account, name="account"),
    path("profile/", views.profile, name="profile"),
    path("preferences/", views.preferences, name="preferences"),
    path("download/", views.download_mine, name="download_mine"),
    path("leave/", views.leave, name="leave"),
    path("left/", views.left, name="left"),
]
urlpatterns = [
    path("account/", include(_account)),
    path("sessions/<int:pk>/end/", views.end_session, name="end_session"),
    path("accounts/oidc/<provider_id>/login/", views.oidc_login),
]
