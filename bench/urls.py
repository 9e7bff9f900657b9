"""The site's addresses, and one that does nothing."""

from django.urls import include, path
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView


class NothingView(APIView):
    """What Django, DRF and the server cost by themselves."""

    permission_classes = ()

    def post(self, _request: Request) -> Response:
        return Response({})


urlpatterns = [path("api/nothing", NothingView.as_view()), path("", include("loyalty_site.urls"))]
