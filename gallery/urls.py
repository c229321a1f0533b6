"""Every address of the site."""

from django.contrib import admin
from django.urls import include, path

from gallery.views import (
    account,
    audit,
    browse,
    feedback,
    health,
    image,
    inbox,
    invitations,
    ledger,
    media,
    member,
    notices,
    oidc,
    people,
    provider_inbox,
    sessions,
    share,
    trash,
    usage,
)

image_urls = [
    path("", image.image, name="image"),
    path("original/", media.original, name="original"),
    path("download/", media.download, name="download"),
    path("thumbs/<int:width>/", media.thumb, name="thumb"),
    path("visibility/", image.visibility, name="visibility"),
    path("throw-away/", image.throw_away, name="throw_away"),
    path("restore/", image.restore, name="restore"),
    path("rate/", feedback.rate, name="rate"),
    path("comment/", feedback.comment, name="comment"),
    path("report/", feedback.report, name="report"),
    path("provider-feedback/", feedback.provider_feedback, name="provider_feedback"),
]
share_urls = [
    path("", share.share, name="share"),
    path("original/", share.share_original, name="share_original"),
    path("thumbs/<int:width>/", share.share_thumb, name="share_thumb"),
]
people_urls = [
    path("", people.people, name="people"),
    path("joining/", people.joining, name="joining"),
    path("invitations/", invitations.invite, name="invite"),
    path("invitations/<uuid:pk>/revoke/", invitations.revoke, name="revoke"),
    path("<int:pk>/", people.person, name="person"),
    path("<int:pk>/change/", people.person_change, name="person_change"),
    path("<int:pk>/activate/", people.person_activate, name="person_activate"),
    path("<int:pk>/deactivate/", people.person_deactivate, name="person_deactivate"),
    path("<int:pk>/approve/", people.approve, name="approve"),
    path("<int:pk>/decline/", people.decline, name="decline"),
]
account_urls = [
    path("", account.account, name="account"),
    path("profile/", account.profile, name="profile"),
    path("preferences/", account.preferences, name="preferences"),
    path("download/", account.download_mine, name="download_mine"),
    path("leave/", account.leave, name="leave"),
    path("left/", account.left, name="left"),
]
inbox_urls = [
    path("", inbox.inbox, name="inbox"),
    path("reports/<uuid:pk>/", inbox.decide_report, name="decide_report"),
    path("comments/<uuid:pk>/", inbox.decide_comment, name="decide_comment"),
    path("comments/fine/", inbox.fine, name="comments_fine"),
    path("decisions/<uuid:pk>/undo/", inbox.undo, name="undo_decision"),
    path("batches/<uuid:pk>/undo/", inbox.undo_all, name="undo_decisions"),
    path("provider-feedback/", provider_inbox.provider_inbox, name="provider_inbox"),
    path("provider-feedback/<str:form>/", provider_inbox.provider_export, name="provider_export"),
]
notice_urls = [
    path("", notices.notices, name="notices"),
    path("read/", notices.read_all, name="read_notices"),
    path("<uuid:pk>/read/", notices.read, name="read_notice"),
    path("<uuid:pk>/answer/", notices.answer, name="answer_notice"),
]
usage_urls = [
    path("", usage.usage, name="usage"),
    path("table.<str:form>", usage.usage_table, name="usage_table"),
    path("ledger/", ledger.usage_ledger, name="usage_ledger"),
    path("ledger.<str:form>", ledger.usage_ledger_file, name="usage_ledger_file"),
    path("me/", usage.my_usage, name="my_usage"),
    path("me/table.<str:form>", usage.my_usage_table, name="my_usage_table"),
    path("me/ledger/", ledger.my_usage_ledger, name="my_usage_ledger"),
    path("me/ledger.<str:form>", ledger.my_usage_ledger_file, name="my_usage_ledger_file"),
]

urlpatterns = [
    path("", browse.explore, name="explore"),
    path("mine/", browse.mine, name="mine"),
    path("trash/", trash.trash, name="trash"),
    path("images/<uuid:pk>/", include(image_urls)),
    path("share/<str:link>/", include(share_urls)),
    path("comments/<uuid:pk>/delete/", feedback.delete_comment, name="delete_comment"),
    path("people/", include(people_urls)),
    path("inbox/", include(inbox_urls)),
    path("notices/", include(notice_urls)),
    path("audit/", audit.audit, name="audit"),
    path("account/", include(account_urls)),
    path("u/<path:username>/", member.member, name="member"),
    path("join/<str:token>/", invitations.join, name="join"),
    path("usage/", include(usage_urls)),
    path("", include("generator.urls")),
    path("sessions/<int:pk>/end/", sessions.end_session, name="end_session"),
    path("accounts/oidc/<provider_id>/login/", oidc.oidc_login),
    path("accounts/", include("allauth.urls")),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("admin/health/", admin.site.admin_view(health.health), name="health"),
    path("admin/", admin.site.urls),
]
