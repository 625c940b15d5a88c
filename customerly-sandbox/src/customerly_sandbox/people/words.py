"""What the sandbox's people are made of: names, places, programs, tags. Nobody real."""

from __future__ import annotations

FIRST = (
    ("Ada", "ada"),
    ("José", "jose"),
    ("Zoë", "zoe"),
    ("Łukasz", "lukasz"),
    ("Søren", "soren"),
    ("Мария", "mariya"),
    ("Ελένη", "eleni"),
    ("美咲", "misaki"),
    ("伟", "wei"),
    ("محمد", "mohamed"),
    ("נועה", "noa"),
    ("अनन्या", "ananya"),
    ("สมชาย", "somchai"),
    ("지우", "jiwoo"),
    ("Siân", "sian"),
    ("Nguyễn", "nguyen"),
    ("İpek", "ipek"),
    ("Jürgen", "jurgen"),
    ("Grace", "grace"),
    ("Olu", "olu"),
    ("Anne-Marie", "anne-marie"),
    ("Þór", "thor"),
    ("Chloé 🌻", "chloe"),
)
LAST = (
    ("Lovelace", "lovelace"),
    ("O'Brien", "obrien"),
    ("García", "garcia"),
    ("Müller", "muller"),
    ("Østergård", "ostergard"),
    ("Иванова", "ivanova"),
    ("Παπαδοπούλου", "papadopoulou"),
    ("佐藤", "sato"),
    ("王", "wang"),
    ("الفاسي", "alfasi"),
    ("כהן", "cohen"),
    ("शर्मा", "sharma"),
    ("ใจดี", "jaidee"),
    ("김", "kim"),
    ("van der Berg", "vanderberg"),
    ("Nowak", "nowak"),
    ("Yılmaz", "yilmaz"),
    ('"Quoted" Smith', "smith"),
    ("Back\\slash", "backslash"),
)
DOMAINS = {
    "users": ("example.com", "example.org", "mail.example.net", "Example.com"),
    "leads": ("leads.example.com", "leads.example.org", "example.edu"),
}
PLACES = (
    # city, region, its code, country, its code, continent, its code, zone, postcode, lat, lon
    ("Torino", "Piemonte", "21", "Italy", "IT", "Europe", "EU", "Europe/Rome", "10121", 45.07, 7.7),
    ("Köln", "NRW", "NW", "Germany", "DE", "Europe", "EU", "Europe/Berlin", "50667", 50.94, 6.96),
    ("São Paulo", "SP", "SP", "Brazil", "BR", "South America", "SA", "America/Sao_Paulo",
     "01000-000", -23.55, -46.63),
    ("東京", "東京都", "13", "Japan", "JP", "Asia", "AS", "Asia/Tokyo", "100-0001", 35.7, 139.7),
    ("Accra", None, None, "Ghana", "GH", "Africa", "AF", "Africa/Accra", None, 5.56, -0.2),
    ("Austin", "Texas", "TX", "United States", "US", "North America", "NA", "America/Chicago",
     "73301", 30.27, -97.74),
    (None, None, None, "New Zealand", "NZ", "Oceania", "OC", "Pacific/Auckland", None, -41.0, 174),
    (None,) * 11,
)  # fmt: skip
BROWSERS = (
    # browser, version, language, system, version
    ("Chrome", "131.0.6778.86", "en-US", "Windows", "10"),
    ("Firefox", "133.0", "de", "Linux", None),
    ("Safari", "18.1", "it-IT", "OS X", "10.15.7"),
    ("Edge", "131.0", "pt-BR", "Windows", "11"),
    (None, None, None, None, None),
)
ANDROID = ("Acme", "4.2.0", "Pixel 8", "15")
IOS = ("Acme", "4.1.9", "iPhone16,1", "18.1.1")
CAMPAIGNS = (
    # source, medium, campaign, content, term
    (None, None, None, None, None),
    ("google", "cpc", "spring_sale", "banner-a", "help desk"),
    ("newsletter", "email", "Été 2025", None, None),
    (None, None, None, None, None),
)
PAGES = (
    "https://shop.example.com/",
    "https://shop.example.com/pricing?plan=pro&ref=%C3%A9",
    "https://docs.example.com/einführung#start",
    None,
)
COLOURS = ("#1abc9c", "#e67e22", "#9b59b6", "#34495e")
PLANS = ("free", "pro", "enterprise", "Übergröße", "")
TAGS = (
    "purchased",
    "remarketing",
    "vip",
    "newsletter",
    "churn risk",
    "beta",
    "Käufer",
    "日本",
    "event-2025",
    "a/b;c",
)
EVENTS = ("signed_up", "Viewed pricing", "invoice.paid", "invited_teammate")
SEGMENTS = ("Active users", "Slipping away", "Trial ends this week")
NOTES = (
    "Asked for an invoice with VAT.",
    'Said: "call me back" — twice.\nSecond line.',
    "Préfère l'e-mail.",
)
COMPANIES = (("acme", "Acme GmbH"), ("globex", "Globex"), ("umbrella", "Ümbrella & Söhne"))
