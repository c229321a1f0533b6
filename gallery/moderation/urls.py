"""The inbox of staff, and the notices that tell people what was decided."""

from django.urls import include, path

from gallery.moderation import notices, provider_views, views, withheld_views

_inbox = [
    path("", views.inbox, name="inbox"),
    path("reports/<uuid:pk>/", views.decide_report, name="decide_report"),
    path("comments/<uuid:pk>/", views.decide_comment, name="decide_comment"),
    path("comments/fine/", views.fine, name="comments_fine"),
    path("decisions/<uuid:pk>/undo/", views.undo, name="undo_decision"),
    path("batches/<uuid:pk>/undo/", views.undo_all, name="undo_decisions"),
    path("provider-feedback/", provider_views.provider_inbox, name="provider_inbox"),
    path("provider-feedback/<str:form>/", provider_views.provider_export, name="provider_export"),
]
_notices = [
    path("", notices.notices, name="notices"),
    path("read/", notices.read_all, name="read_notices"),
    path("<uuid:pk>/read/", notices.read, name="read_notice"),
    path("<uuid:pk>/answer/", notices.answer, name="answer_notice"),
]
_withheld = [
    path("withhold/", withheld_views.withhold, name="withhold"),
    path("give-back/", withheld_views.give_back, name="give_back"),
    path("appeal/", withheld_views.appeal, name="appeal"),
]
urlpatterns = [
    path("images/<uuid:pk>/", include(_withheld)),
    path("inbox/", include(_inbox)),
    path("notices/", include(_notices)),
]
