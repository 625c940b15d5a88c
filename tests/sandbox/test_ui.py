"""The page at `/_sandbox/ui`, in a browser: what an import did, and faults to switch."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
import requests
from customerly_sandbox import Sandbox
from customerly_sandbox.control import ui

from tests.support.browser import Browser
from tests.support.target import record, run_target, schema
from tests.support.waiting import eventually


@pytest.fixture(scope="module")
def browser():
    with Browser() as opened:
        yield opened


@pytest.fixture
def page(browser, make_sandbox):
    """A page that shows a sandbox of its own."""
    sandbox = make_sandbox(users=30, leads=12)
    browser.dark(on=False)
    browser.open(f"{sandbox.control_url}/ui")
    eventually(lambda: len(browser.table("#contact-table")) == 30)
    browser.sandbox = sandbox
    yield browser
    browser.open("about:blank")  # before its sandbox is gone
    assert browser.hosts() == {sandbox.control_url.split("/")[2]}
    assert browser.complaints() == []


def choose(page, css, value):
    page.evaluate(
        "const field = document.querySelector(arguments[0]); field.value = arguments[1];"
        "field.dispatchEvent(new Event('input', {bubbles: true}))",
        css,
        value,
    )


def test_what_an_import_did_is_seen_without_a_reload(page):
    messages = [
        schema("leads"),
        record("leads", email="ada@example.com", name="<b>Ada</b>", plan="pro", tags="vip, gold"),
    ]
    assert run_target(page.sandbox.config, messages).code == 0
    choose(page, "[name=kind]", "leads")
    eventually(lambda: page.texts("#contact-table tbody th")[:1] == ["ada@example.com"])
    newest = page.table("#contact-table")[0]
    assert newest[1:5] == ["<b>Ada</b>", "", "vipgold", "plan: pro"]
    eventually(lambda: ["gold", "0", "1"] in page.table("#tag-table"))
    requests_ = [row[1] for row in page.table("#request-table")]
    assert "POST /leads" in requests_
    assert "13 leads" in page.find("#status").text


def test_a_request_opens_to_its_bodies_and_stays_open(page):
    page.sandbox.fail("envelope", message="Too odd", times=1)
    url = f"{page.sandbox.url}/tags"
    token = {"Authorization": f"Bearer {page.sandbox.token}"}
    requests.post(url, json={"tag": "seen"}, headers=token, timeout=10)
    eventually(lambda: page.texts("#request-table summary"))
    page.click("#request-table summary")
    requests.get(url, headers=token, timeout=10)
    eventually(lambda: len(page.table("#request-table")) == 2)
    sent, answered = page.texts("#request-table details[open] pre")
    assert '"tag": "seen"' in sent
    assert '"message": "Too odd"' in answered
    assert page.sandbox.token not in page.evaluate("return document.documentElement.innerHTML")


def test_searching_and_choosing_a_tag(page):
    contact = page.sandbox.contacts("users")[7]
    choose(page, "[name=search]", str(contact["email"]).upper())
    eventually(lambda: len(page.table("#contact-table")) == 1)
    choose(page, "[name=search]", "")
    choose(page, "[name=tag]", "vip")
    there = [c for c in page.sandbox.contacts("users") if "vip" in c["user_tags"]]
    eventually(lambda: len(page.table("#contact-table")) == len(there))
    assert page.find("#found").text == f"{len(there)} found"


def test_a_fault_is_switched_on_and_off(page):
    def answer():
        token = {"Authorization": f"Bearer {page.sandbox.token}"}
        return requests.get(f"{page.sandbox.url}/tags", headers=token, timeout=10).status_code

    page.click("[data-fault=rate_limit] input")
    eventually(lambda: page.sandbox.control("GET", "faults")["rules"])
    assert answer() == 429
    eventually(lambda: page.texts("[data-fault=rate_limit] small") == ["struck 1 times"])
    page.click("[data-fault=rate_limit] input")
    eventually(lambda: not page.sandbox.control("GET", "faults")["rules"])
    assert answer() == 200


def test_a_fault_with_a_number_of_times_switches_itself_off(page):
    choose(page, "[name=times]", "2")
    choose(page, "[name=method]", "POST")
    choose(page, "[name=contains]", "marked")
    page.click("[data-fault=firewall] input")
    (rule,) = eventually(lambda: page.sandbox.control("GET", "faults")["rules"])
    assert (rule["times"], rule["method"], rule["contains"]) == (2, "POST", "marked")
    for _ in range(3):
        requests.post(f"{page.sandbox.url}/users", "marked", timeout=10)
    eventually(lambda: not page.find("[data-fault=firewall] input").is_selected())


def luminance(colour):
    channels = [int(part) / 255 for part in colour.strip("rgba()").split(",")[:3]]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return sum(c * share for c, share in zip(linear, (0.2126, 0.7152, 0.0722), strict=True))


TEXTS = ("#status", "h2", "label", "#contact-table td", ".tags span", "#faults li", "small")


@pytest.mark.parametrize("dark", [False, True])
def test_text_can_be_read_in_light_and_dark(page, dark):
    page.dark(on=dark)
    assert (luminance(page.evaluate(_BACKGROUND, "body")) < 0.5) is dark
    for css in TEXTS:
        pair = luminance(page.evaluate(_COLOUR, css)), luminance(page.evaluate(_BACKGROUND, css))
        assert (max(pair) + 0.05) / (min(pair) + 0.05) >= 4.5, css


_COLOUR = "return getComputedStyle(document.querySelector(arguments[0])).color"
_BACKGROUND = """
let element = document.querySelector(arguments[0]);
while (element && getComputedStyle(element).backgroundColor === "rgba(0, 0, 0, 0)")
  element = element.parentElement;
return getComputedStyle(element).backgroundColor
"""


def test_everything_has_a_name_for_those_who_do_not_see_it(page):
    nameless = page.evaluate(
        "return [...document.querySelectorAll('input, select')]"
        ".filter(field => !field.labels.length).map(field => field.outerHTML)"
    )
    assert nameless == []
    levels = [
        int(n)
        for n in page.evaluate(
            "return [...document.querySelectorAll('h1, h2')].map(h => h.tagName[1])"
        )
    ]
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert page.evaluate("return document.documentElement.lang") == "en"
    assert page.evaluate(
        "return [...document.querySelectorAll('thead th')].every(th => th.scope === 'col')"
    )


def test_it_fits_a_narrow_window(page):
    page.driver.set_window_size(520, 900)
    try:
        assert page.evaluate("return document.documentElement.scrollWidth <= innerWidth")
    finally:
        page.driver.set_window_size(1200, 900)


def test_a_sandbox_that_is_gone_is_said_and_comes_back(browser):
    with Sandbox(3, 3) as sandbox:
        port = int(sandbox.control_url.split(":")[2].split("/")[0])
        browser.open(f"{sandbox.control_url}/ui")
        eventually(lambda: "3 users" in browser.find("#status").text)
    eventually(lambda: "does not answer" in browser.find("#status").text)
    with Sandbox(4, 3, port=port):
        eventually(lambda: "4 users" in browser.find("#status").text)
        browser.open("about:blank")
    assert all("CONNECTION_REFUSED" in complaint for complaint in browser.complaints())
    browser.hosts()


def test_no_file_names_another_host():
    for name, _ in ui.FILES.values():
        text = (Path(ui.__file__).parent / name).read_text()
        assert "//" not in text.replace("// ", "").replace("xmlns", ""), name


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_page_of_another_site_changes_nothing(sandbox, site):
    headers = {"Sec-Fetch-Site": site}
    answer = requests.post(f"{sandbox.control_url}/reset", "{}", headers=headers, timeout=10)
    assert answer.status_code == 403
    assert requests.get(f"{sandbox.control_url}/", timeout=10).status_code == 200
