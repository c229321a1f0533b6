"""Rows of pictures, the page of one, its files, and what a share link shows."""

from django.contrib import admin
from django.urls import include, path

from gallery.browse import all_pictures, appearance, box, downloads, image, media, news, saved, share, views

_image = [
    path("", image.image, name="image"),
    path("original/", media.original, name="original"),
    path("download/", media.download, name="download"),
    path("thumbs/<int:width>/", media.thumb, name="thumb"),
    path("visibility/", image.visibility, name="visibility"),
    path("throw-away/", image.throw_away, name="throw_away"),
    path("restore/", image.restore, name="restore"),
]
_share = [
    path("", share.share, name="share"),
    path("original/", share.share_original, name="share_original"),
    path("thumbs/<int:width>/", share.share_thumb, name="share_thumb"),
]
urlpatterns = [
    path("", views.explore, name="explore"),
    path("search/", box.search, name="search"),
    path("search/suggestions/", box.suggest, name="suggest"),
    path("search/save/", saved.save, name="save_search"),
    path("search/<uuid:pk>/rename/", saved.rename, name="rename_search"),
    path("search/<uuid:pk>/forget/", saved.forget, name="forget_search"),
    path("mine/", views.mine, name="mine"),
    path("favourites/", views.favourites, name="favourites"),
    path("trash/", views.trash, name="trash"),
    path("downloads/", downloads.downloads, name="downloads"),
    path("downloads/pictures.zip", downloads.listing_zip, name="listing_zip"),
    path("news/", news.news, name="news"),
    path("appearance/", appearance.appearance, name="appearance"),
    path("u/<path:username>/", views.member, name="member"),
    path("admin/look/", admin.site.admin_view(all_pictures.look_at_all), name="look_at_all"),
    path("admin/look/stop/", admin.site.admin_view(all_pictures.stop_looking), name="stop_looking"),
    path("images/<uuid:pk>/", include(_image)),
    path("share/<str:link>/", include(_share)),
]
