"""Makes the desk the site that every room's admin pages register with."""

from django.contrib.admin.apps import AdminConfig


class DeskConfig(AdminConfig):
    default_site = "shops.desk.site.DeskSite"
