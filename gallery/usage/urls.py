"""Who used what: sums, charts and the calls themselves, of everybody for staff and of oneself for members."""

from django.urls import include, path

from gallery.usage import ledger_views, views

_usage = [
    path("", views.usage, name="usage"),
    path("table.<str:form>", views.usage_table, name="usage_table"),
    path("ledger/", ledger_views.usage_ledger, name="usage_ledger"),
    path("ledger.<str:form>", ledger_views.usage_ledger_file, name="usage_ledger_file"),
    path("me/", views.my_usage, name="my_usage"),
    path("me/table.<str:form>", views.my_usage_table, name="my_usage_table"),
    path("me/ledger/", ledger_views.my_usage_ledger, name="my_usage_ledger"),
    path("me/ledger.<str:form>", ledger_views.my_usage_ledger_file, name="my_usage_ledger_file"),
]
urlpatterns = [path("usage/", include(_usage))]
