"""Addresses of the member's own pages."""

from django.urls import path

from cockpit.views import asking, buying, card, exchanging, joining, pages, sending, telling

app_name = "cockpit"
urlpatterns = [
    path("", card.home, name="home"),
    path("codes/", card.codes, name="codes"),
    path("card.webmanifest", card.manifest, name="manifest"),
    path("join/", joining.join, name="join"),
    path("history/", pages.history, name="history"),
    path("statement/", pages.statement, name="statement"),
    path("statement/file/", pages.statement_file, name="statement_file"),
    path("rewards/", pages.rewards, name="rewards"),
    path("exchange/", exchanging.exchanges, name="exchange"),
    path("exchange/<int:terms_id>/", exchanging.convert, name="convert"),
    path("birthday/", telling.birthday, name="birthday"),
    path("buy/", buying.buy, name="buy"),
    path("buy/ask/", buying.ask, name="buy_ask"),
    path("buy/<int:purchase_id>/", buying.purchase, name="purchase"),
    path("buy/<int:purchase_id>/cancel/", buying.cancel, name="purchase_cancel"),
    path("buy/<int:purchase_id>/withdraw/", buying.withdraw, name="purchase_withdraw"),
    path("send/", sending.send, name="send"),
    path("send/confirm/", sending.confirm, name="send_confirm"),
    path("send/<int:transfer_id>/", sending.transfer_page, name="transfer"),
    path("send/<int:transfer_id>/accept/", sending.accept, name="accept"),
    path("send/<int:transfer_id>/decline/", sending.decline, name="decline"),
    path("send/<int:transfer_id>/withdraw/", sending.withdraw, name="withdraw"),
    path("question/", asking.look, name="look"),
    path("question/asked/", asking.asked, name="asked"),
    path("question/<int:redemption_id>/", asking.answer_page, name="answer"),
    path("question/<int:redemption_id>/yes/", asking.answer, {"is_yes": True}, name="yes"),
    path("question/<int:redemption_id>/no/", asking.answer, {"is_yes": False}, name="no"),
]
