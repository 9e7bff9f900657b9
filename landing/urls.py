"""Addresses of the public pages."""

from django.urls import path, register_converter

from landing import views


class HexColour:
    """Six hexadecimal digits: nothing else gets into the sheet."""

    regex = "[0-9a-f]{6}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(HexColour, "colour")

app_name = "landing"
urlpatterns = [
    path("", views.programme_page, name="home"),
    path("p/<slug:key>/", views.programme_page, name="programme"),
    path("brand/<colour:colour>.css", views.brand, name="brand"),
]
