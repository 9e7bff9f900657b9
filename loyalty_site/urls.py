"""Every address of the site. /health/ is answered earlier, by loyalty_site.health."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("admin/", admin.site.urls),
    path("api/", include("integrations.urls")),
    path("accounts/", include("cockpit.sign_in.urls")),
    path("me/", include("cockpit.urls")),
    path("counter/", include("counter.urls")),
    path("", include("messaging.urls")),
    path("", include("landing.urls")),
]
