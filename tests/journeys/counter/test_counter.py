"""A cashier scans, the customer says yes, the coffee is handed out, and undone; with real browsers and a film."""

from django.utils import timezone
from playwright.sync_api import Page, expect

from members.models import Visit
from rewards.models import Redemption
from tests.counter.people import PASSWORD, balance, number_shown_to, shown_card
from tests.journeys.pages import listen


def code_on(phone: Page) -> bytes:
    phone.goto("/me/")
    return phone.locator(".code-picture").screenshot()


def give_the_coffee(counter: Page) -> None:
    # What arrived is ready to be pressed, and was told to the ears, once the focus is there.
    expect(counter.get_by_role("heading", name="Ada")).to_be_focused()
    expect(counter.get_by_text("700 points")).to_be_visible()
    counter.get_by_role("button", name="Coffee 300 points").click()
    expect(counter.get_by_role("heading", name="Ask Ada")).to_be_focused()


def test_from_the_code_on_the_phone_to_the_coffee_and_back(phone, camera, ada, coffee):
    counter = camera(code_on(phone))
    heard = listen(counter)

    give_the_coffee(counter)
    phone.get_by_role("button", name="Yes, redeem").click()

    expect(counter.get_by_role("heading", name="Give: Coffee")).to_be_focused()
    coffee.refresh_from_db()
    assert Redemption.objects.get().confirmed_by == Redemption.Yes.COCKPIT
    assert (balance(ada, timezone.now()), coffee.stock) == (400, 4)

    counter.get_by_text("Undo Coffee, Ada").click()
    counter.get_by_role("button", name="Yes, undo").click()

    expect(counter.get_by_role("heading", name="Undone")).to_be_visible()
    expect(counter.get_by_text("Ada has 300 points back.")).to_be_visible()
    coffee.refresh_from_db()
    assert (balance(ada, timezone.now()), coffee.stock) == (700, 5)
    assert heard == []


def test_the_customer_reads_the_number_out(counter, ada, coffee):
    counter.goto("/counter/")
    counter.get_by_label("Or the member number").fill(shown_card(ada, timezone.now()))
    counter.keyboard.press("Enter")
    give_the_coffee(counter)

    field = counter.get_by_label("Or the number they read out")
    field.fill(str((int(number_shown_to(ada, timezone.now())) + 1) % 10**6).zfill(6))
    field.press("Enter")
    expect(counter.get_by_text("Wrong number. 4 tries left.")).to_be_visible()
    expect(field).to_be_focused()
    field.fill(number_shown_to(ada, timezone.now()))
    field.press("Enter")

    expect(counter.get_by_role("heading", name="Give: Coffee")).to_be_visible()
    assert Redemption.objects.get().confirmed_by == Redemption.Yes.NUMBER


DETECTOR = """
window.BarcodeDetector = class {
  static async getSupportedFormats() { return ["qr_code"]; }
  async detect(video) { window.asked = (window.asked ?? 0) + 1; return video.videoWidth ? [{ rawValue: "CODE" }] : []; }
};
"""


def test_a_browser_that_reads_codes_itself_sends_no_frames(phone, camera, ada, coffee):
    frames = []

    def with_detector(page):
        page.add_init_script(DETECTOR.replace("CODE", shown_card(ada, timezone.now())))
        page.on("request", lambda request: frames.append(request.url) if "/frames/" in request.url else None)

    counter = camera(code_on(phone), before=with_detector)

    expect(counter.get_by_role("heading", name="Ada")).to_be_visible()
    assert counter.evaluate("window.asked") >= 1
    assert frames == []


def test_a_detector_that_breaks_leaves_the_frames(phone, camera, ada, coffee):
    broken = DETECTOR.replace('return video.videoWidth ? [{ rawValue: "CODE" }] : [];', 'throw new Error("gave up");')

    counter = camera(code_on(phone), before=lambda page: page.add_init_script(broken))

    expect(counter.get_by_role("heading", name="Ada")).to_be_visible()


def test_a_code_of_something_else_is_named_and_not_sent(camera, phone, coffee):
    sent = []

    def watch(page):
        page.add_init_script(DETECTOR.replace("CODE", "https://example.com/menu"))
        page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)

    counter = camera(code_on(phone), before=watch)

    expect(counter.get_by_text("Not a member's code")).to_be_visible()
    assert sent == []


def test_the_same_code_at_the_next_till_says_when_and_by_whom_and_here_it_goes_on(counter, ada, coffee, eva):
    code = shown_card(ada, timezone.now())

    for _ in range(2):
        counter.goto("/counter/")
        counter.get_by_label("Or the member number").fill(code)
        counter.get_by_role("button", name="Find").click()

    expect(counter.get_by_role("heading", name="Already used")).to_be_focused()
    used = timezone.localtime(Visit.objects.get().opened_at, Visit.objects.get().shop.programme.zone)
    expect(counter.get_by_text(f"Used at {used:%H:%M} in Market Square by Eva.")).to_be_visible()
    counter.get_by_role("link", name="Go on with this customer").click()
    expect(counter.get_by_role("heading", name="Ada")).to_be_visible()


def test_the_whole_path_is_walked_by_keyboard_from_sign_in_to_undo(page, shop, eva, ada, coffee):
    page.goto("/counter/")
    page.keyboard.type(eva.email)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Where do you serve?")).to_be_visible()
    page.get_by_label("Name of this device").focus()
    page.keyboard.type("Till 1")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Or the member number")).to_be_focused()
    # As a hand-held scanner types: wherever the focus is, ended by Enter.
    page.get_by_role("heading", name="Scan the customer's code").focus()
    page.keyboard.type(shown_card(ada, timezone.now()).lower())
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Ada")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Coffee 300 points")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Ask Ada")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.type(number_shown_to(ada, timezone.now()))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Give: Coffee")).to_be_focused()
    for _ in range(3):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Yes, undo")).to_be_focused()
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", name="Undone")).to_be_focused()
    assert Redemption.objects.get().closed_by == eva


def test_the_customer_says_no_and_the_till_turns_red(phone, counter, ada, coffee):
    counter.goto("/counter/")
    counter.get_by_label("Or the member number").fill(shown_card(ada, timezone.now()))
    counter.keyboard.press("Enter")
    give_the_coffee(counter)
    phone.goto("/me/")

    phone.get_by_role("button", name="No", exact=True).click()

    expect(counter.get_by_role("heading", name="Not redeemed")).to_be_focused()
    expect(counter.get_by_text("Don't hand out Coffee. Ada keeps 300 points.")).to_be_visible()


def test_a_lost_connection_is_tried_again_with_the_same_scan(counter, ada, coffee):
    counter.goto("/counter/")
    cut = iter([True, True])
    counter.route("**/counter/visits/", lambda route: route.abort() if next(cut, False) else route.continue_())

    counter.get_by_label("Or the member number").fill(shown_card(ada, timezone.now()))
    counter.keyboard.press("Enter")

    expect(counter.get_by_text("No connection. Trying again…")).to_be_visible()
    expect(counter.get_by_role("heading", name="Ada")).to_be_visible()
    expect(counter.locator("#trouble")).to_be_hidden()
    assert Visit.objects.count() == 1


def test_an_answer_lost_on_its_way_is_asked_for_again_and_happened_once(counter, ada, coffee):
    counter.goto("/counter/")
    counter.get_by_label("Or the member number").fill(shown_card(ada, timezone.now()))
    counter.keyboard.press("Enter")
    expect(counter.get_by_role("heading", name="Ada")).to_be_focused()
    cut = iter([True])

    def lose_the_answer(route):
        if next(cut, False):
            route.fetch()
            route.abort()
        else:
            route.continue_()

    counter.route("**/rewards/", lose_the_answer)
    counter.get_by_role("button", name="Coffee 300 points").click()

    expect(counter.get_by_role("heading", name="Ask Ada")).to_be_visible()
    coffee.refresh_from_db()
    assert Redemption.objects.count() == 1
    assert coffee.stock == 4


def test_without_scripts_a_typed_code_is_enough(browser, browser_context_args, till_cookies, ada, coffee):
    context = browser.new_context(**browser_context_args, java_script_enabled=False)
    context.add_cookies(till_cookies)
    page = context.new_page()
    page.goto("/counter/")

    page.get_by_label("Or the member number").fill(shown_card(ada, timezone.now()))
    page.get_by_role("button", name="Find").click()
    page.get_by_role("button", name="Coffee 300 points").click()
    page.get_by_label("Or the number they read out").fill(number_shown_to(ada, timezone.now()))
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_role("heading", name="Give: Coffee")).to_be_visible()
    page.get_by_text("Undo Coffee, Ada").click()
    page.get_by_role("button", name="Yes, undo").click()

    expect(page.get_by_role("heading", name="Undone")).to_be_visible()
    context.close()


LISTEN = """
window.signals = [];
navigator.vibrate = (pattern) => window.signals.push(pattern);
window.OscillatorNode = class extends OscillatorNode {
  constructor(audio, options) { super(audio, options); window.signals.push(options.frequency); }
};
"""


def test_a_scanner_that_is_quicker_than_any_hand_stays_on_the_page(counter):
    counter.goto("/counter/")
    counter.get_by_label("Or the member number").fill("123")
    counter.keyboard.press("Enter")
    expect(counter.get_by_role("heading", name="Mistyped")).to_be_focused()
    counter.evaluate(
        """() => {
          window.stayed = true;
          const scan = () => {
            const field = document.querySelector("#code");
            field.value = "124";
            field.form.requestSubmit();
          };
          document.addEventListener("htmx:afterSwap", () => setTimeout(scan, 0), { once: true });
        }"""
    )

    with counter.expect_response("**/counter/visits/"):
        counter.get_by_role("link", name="Scan again").click()

    expect(counter.get_by_role("heading", name="Mistyped")).to_be_focused()
    assert counter.evaluate("window.stayed") is True


def test_ears_and_hands_tell_good_from_bad(counter, ada, coffee):
    counter.add_init_script(LISTEN)
    counter.goto("/counter/")

    counter.get_by_label("Or the member number").fill("123")
    counter.keyboard.press("Enter")
    expect(counter.get_by_role("heading", name="Mistyped")).to_be_focused()
    bad = counter.evaluate("window.signals.splice(0)")
    counter.get_by_role("link", name="Scan again").click()
    counter.get_by_label("Or the member number").fill(shown_card(ada, timezone.now()))
    counter.keyboard.press("Enter")
    expect(counter.get_by_role("heading", name="Ada")).to_be_focused()
    good = counter.evaluate("window.signals.splice(0)")

    assert bad == [[120, 80, 120], 196]
    assert good == [[60], 880, 1320]
