"""Addresses of what members are told."""

from django.urls import path

from messaging import views

app_name = "messaging"
urlpatterns = [path("inbox/", views.inbox, name="inbox")]
