"""Small files as people have them, and what each must give; nobody in them is real."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.files.workbooks import DAY, MORNING, Merged, Shown, archive, ods, protected, xls, xlsx

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ADA, LIN, MO = "ada@example.com", "lin@example.com", "mo@example.com"


@dataclass(frozen=True)
class Case:
    """A file.

    Args:
        name: Its name.
        content: Its bytes, or what writes it.
        contacts: Address to what must then be stored of the contact, or a part of it.
        rejected: Row to a part of the reason.
        blank: Blank rows.
        error: A part of the line with which the import ends before anything is sent.
        options: Of `customerly import`.
    """

    name: str
    content: bytes | Callable[[Path], None]
    contacts: dict[str, dict[str, Any]] = field(default_factory=dict)
    rejected: dict[int, str] = field(default_factory=dict)
    blank: int = 0
    error: str = ""
    options: tuple[str, ...] = ()

    def write(self, folder: Path) -> Path:
        """Write the file into a folder."""
        path = folder / self.name
        if callable(self.content):
            self.content(path)
        else:
            path.write_bytes(self.content)
        return path

    def __str__(self) -> str:
        return self.name


def named(**names: str) -> dict[str, dict[str, Any]]:
    """Contacts of which only the name matters."""
    return {f"{who}@example.com": {"name": name} for who, name in names.items()}


def _text(text: str, encoding: str = "utf-8") -> bytes:
    return text.encode(encoding)


_LATE = b"email,name\n" + b"".join(b"p%d@example.com,P\n" % n for n in range(5000))
_CELLS = [
    ["email", "name", "code", "phone", "seats", "rate", "joined", "at", "vip"],
    [ADA, "Ada", 17, 49170111, 17.0, 12.5, DAY, MORNING, True],
    [LIN, "Lin", "A-17", "+49 170 222", "007", 0.1 + 0.2, None, None, False],
]
_SEEN = {
    ADA: {
        "attributes": {
            "code": "17",
            "phone": "49170111",
            "seats": "17",
            "rate": "12.5",
            "joined": "2026-01-31",
            "at": "2026-01-31T12:00:00",
            "vip": "true",
        }
    },
    LIN: {
        "attributes": {
            "code": "A-17",
            "phone": "+49 170 222",
            "seats": "007",
            "rate": "0.3",
            "vip": "false",
        }
    },
}

ENCODINGS = [
    Case("utf8.csv", _text("email,name\nada@example.com,Åda\n"), named(ada="Åda")),
    Case("bom.csv", _text('\ufeff"email","name"\r\n"ada@example.com","A"\r\n'), named(ada="A")),
    Case(
        "windows-1252.csv",
        b"email;name\r\nlin@example.com;Lena Gro\xdf\r\n",
        named(lin="Lena Groß"),
    ),
    Case("utf16.csv", _text("email;name\r\nlin@example.com;Groß\r\n", "utf-16"), named(lin="Groß")),
    Case(
        "utf16le.txt", _text("email\tname\nlin@example.com\tGroß\n", "utf-16-le"), named(lin="Groß")
    ),
    Case(
        "utf16be.txt", _text("email\tname\nlin@example.com\tGroß\n", "utf-16-be"), named(lin="Groß")
    ),
    Case("utf32.csv", _text("email,name\nlin@example.com,Groß\n", "utf-32"), named(lin="Groß")),
    Case(
        "shout.csv",
        _text("email;name\nlin@example.com;JÜRGEN MÜLLER\n", "cp1252"),
        named(lin="JÜRGEN MÜLLER"),
    ),
    Case(
        "mac.csv",
        _text("email;name\rlin@example.com;Jürgen Müller\r", "mac_roman"),
        named(lin="Jürgen Müller"),
    ),
    Case(
        "dos.csv",
        _text("email;name\r\nlin@example.com;Jürgen Größe\r\n", "cp850"),
        named(lin="Jürgen Größe"),
    ),
    Case(
        "polish.csv",
        _text("email;name\nlin@example.com;Łukasz Żółć\n", "cp1250"),
        named(lin="Łukasz Żółć"),
    ),
    Case(
        "cyrillic.csv",
        _text("email;name\nlin@example.com;Иван Петров\n", "cp1251"),
        named(lin="Иван Петров"),
    ),
    Case(
        "japanese.csv",
        _text("email,name\nlin@example.com,田中太郎\n", "cp932"),
        named(lin="田中太郎"),
    ),
    Case(
        "late.csv",
        _LATE + b"zed@example.com,Gro\xdf\n",
        error="row 5002",
        options=("--encoding", "utf-8"),
    ),
    Case(
        "mixed.csv",
        _text("email,name\na@example.com,Groß\nb@example.com,Zürich\n") + b"c@example.com,\xdf\n",
        error="row 4",
    ),
    Case(
        "klingon.csv",
        b"email\nada@example.com\n",
        error="no encoding klingon",
        options=("--encoding", "klingon"),
    ),
    Case(
        "half-utf8.csv",
        _text("email,name\nada@example.com,Zoë\n") + b"lin@example.com,Zo\xeb\n",
        error="row 3",
    ),
    Case("no16.csv", b"email\nada@example.com\n", error="row 1", options=("--encoding", "utf-16")),
]

DIALECTS = [
    Case("semicolon.csv", _text("email;name\nada@example.com;Ada, B\n"), named(ada="Ada, B")),
    Case("tab.tsv", _text("email\tname\nada@example.com\tAda B\n"), named(ada="Ada B")),
    Case("pipe.txt", _text("email|name|note\nada@example.com|Ada|x, y; z\n"), named(ada="Ada")),
    Case("caret.txt", _text("email^name\nada@example.com^Ada\n"), named(ada="Ada")),
    Case("single.csv", _text("email\nada@example.com\nlin@example.com\n"), {ADA: {}, LIN: {}}),
    Case(
        "sep.csv",
        _text("sep=;\r\nemail;name\r\nada@example.com;A,b\r\nx;y\r\n"),
        named(ada="A,b"),
        {3: "email"},
    ),
    Case(
        "single-quotes.csv",
        _text("'email','name'\n'ada@example.com','Ada, B'\n"),
        named(ada="Ada, B"),
    ),
    Case(
        "backslash.csv",
        _text('"email";"name"\n"ada@example.com";"A \\"B\\" C"\n'),
        named(ada='A "B" C'),
    ),
    Case("doubled.csv", _text('email,name\nada@example.com,"A ""B"" C"\n'), named(ada='A "B" C')),
    Case("inner-quote.csv", _text('email,name\nada@example.com,"A "B" C"\n'), named(ada='A "B" C')),
    Case(
        "blank-quote.csv",
        _text('email, name, tags\nada@example.com, "Byron, Ada", x\n'),
        named(ada="Byron, Ada"),
    ),
    Case(
        "apostrophe.csv",
        _text("email,name\nada@example.com,Pat O'Brien\n"),
        named(ada="Pat O'Brien"),
    ),
    Case(
        "given-tab.txt",
        _text("email\tname\nada@example.com\tA;B;C\n"),
        named(ada="A;B;C"),
        options=("--delimiter", "tab"),
    ),
    Case(
        "misfit.csv",
        _text("email;name\nada@example.com;Ada\n"),
        error="is the delimiter right?",
        options=("--delimiter", ","),
    ),
    Case(
        "two-letters.csv",
        _text("email;name\n"),
        error="single character",
        options=("--delimiter", ";;"),
    ),
    Case(
        "decimal-comma.csv",
        _text("email;rate\nada@example.com;12,5\n"),
        {ADA: {"attributes": {"rate": 12.5}}},
        options=("--type", "rate=number"),
    ),
]

ODD_CELLS = [
    Case(
        "nul.csv",
        b"email,name\nada@example.com,A\x00b\nlin@example.com,Lin\x00\x00\n\x00,\x00\n",
        named(lin="Lin"),
        {2: "NUL"},
        blank=1,
    ),
    Case(
        "right-to-left.csv",
        _text("email,name,ملاحظة\nada@example.com,\u200fمحمد علي\u200f,أهلا\n"),
        {ADA: {"name": "محمد علي", "attributes": {"mlhdhh": "أهلا"}}},
    ),
    Case(
        "as-formula.csv",
        _text('email,phone\nada@example.com,"=""0049170"""\n'),
        {ADA: {"attributes": {"phone": "0049170"}}},
    ),
    Case(
        "no-ascii.csv",
        _text("email;name\nada@example.com;Ä\n", "cp1252"),
        error="row 2",
        options=("--encoding", "ascii"),
    ),
    Case("table.json", b'[\n  {"email": "ada@example.com"}\n]\n', error="is JSON"),
    Case("lines.jsonl", b'{"email": "ada@example.com"}\n', error="is JSON"),
    Case("card.vcf", b"BEGIN:VCARD\r\nEMAIL:ada@example.com\r\nEND:VCARD\r\n", error="vCard"),
    Case("packed.csv.gz", b"\x1f\x8b\x08\x00rest", error="unpack it first"),
    Case("archive.csv", archive("leads.csv"), error="is a ZIP archive"),
    Case("leads.numbers", archive("Index/Document.iwa"), error="export it as CSV or XLSX"),
    Case("letter.docx", archive("[Content_Types].xml", "word/document.xml"), error="Word document"),
    Case("fixed-width.txt", b"email    name\na@example.com  A\n", error="delimiter right"),
    Case("a-picture.csv", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", error="no workbook"),
]

ROWS = [
    Case(
        "text-after-quote.csv",
        _text('email,name\nada@example.com,"Ada" Byron\nlin@example.com,"Lin"\n'),
        named(lin="Lin"),
        {2: "between the quote"},
    ),
    Case(
        "quoted-line-ends.csv",
        _text('email,note\r\nada@example.com,"one\r\ntwo"\r\nzed,x\r\n'),
        {ADA: {"attributes": {"note": "one\r\ntwo"}}},
        {3: "email"},
    ),
    Case(
        "mixed-line-ends.csv",
        _text("email,name\r\nada@example.com,Ada\nlin@example.com,Lin\r"),
        named(ada="Ada", lin="Lin"),
    ),
    Case(
        "total.csv",
        _text("email,seats\nada@example.com,5\nTotal,5\n"),
        {ADA: {}},
        {3: "is not an e-mail address"},
    ),
    Case(
        "blank-rows.csv",
        _text("email,name,tags\r\nada@example.com,Ada,vip\r\n\r\n,,\r\n"),
        {ADA: {"user_tags": ["vip"]}},
        blank=2,
    ),
    Case(
        "invisible-row.csv",
        _text("email,name\n\u200b,\u00a0\nada@example.com,Ada\n"),
        named(ada="Ada"),
        blank=1,
    ),
    Case(
        "too-many.csv",
        _text("email,name,tags\nada@example.com,Byron, Ada,vip\nlin@example.com,Lin,new\n"),
        {LIN: {"user_tags": ["new"]}},
        {2: "4 cells"},
    ),
    Case(
        "too-few.csv",
        _text("email,name,tags\nada@example.com\nlin@example.com,Lin\n"),
        {ADA: {}, **named(lin="Lin")},
    ),
    Case(
        "trailing.csv",
        _text("email,name,,\nada@example.com,Ada,,\nlin@example.com,Lin,,x\n"),
        named(ada="Ada"),
        {3: "4 cells"},
    ),
    Case(
        "open-quote.csv",
        _text(
            'email,name,tags\nada@example.com,"Ada,vip\n'
            'lin@example.com,Lin,x\nmo@example.com,Mo,"y"\n'
        ),
        named(lin="Lin", mo="Mo"),
        {2: "quote"},
    ),
    Case(
        "open-at-end.csv",
        _text('email,name\nlin@example.com,Lin\nada@example.com,"Ada\n'),
        named(lin="Lin"),
        {3: "quote"},
    ),
    Case(
        "swallowed.csv",
        _text(
            'email,name,note\nada@example.com,"Ada,x\nlin@example.com,Lin,y\nmo@example.com,5",z\n'
        ),
        {LIN: {}, MO: {}},
        {2: "quote"},
    ),
    Case(
        "line-breaks.csv",
        _text('email,street,n\nada@example.com,"Main St 5\nParis, France",1\nzed,x,2\n'),
        {ADA: {"attributes": {"street": "Main St 5\nParis, France", "n": "1"}}},
        {3: "email"},
    ),
    Case(
        "name-with-break.csv",
        _text('email,name\nada@example.com,"Ada\nByron"\n'),
        rejected={2: "line break"},
    ),
    Case(
        "old-mac.csv",
        _text("email,name\rada@example.com,Ada\rlin@example.com,Lin"),
        named(ada="Ada", lin="Lin"),
    ),
    Case("leads [May]*?.csv", _text("email,name\nada@example.com,Ada\n"), named(ada="Ada")),
]

HEADERS = [
    Case(
        "no-header.csv",
        _text("ada@example.com,Ada\nlin@example.com,Lin\n"),
        error="holds an address",
    ),
    Case("empty.csv", b"", error="is empty"),
    Case("only-blanks.csv", b"\n \n,,\n", error="is empty"),
    Case("only-header.csv", b"email,name\n"),
    Case("twice.csv", _text("email,name,plan,Email\na,b,c,d\n"), error="email and Email"),
    Case("twice-by-blanks.csv", _text("email,Full name,full  name\na,b,c\n"), error="one name"),
    Case("nameless.csv", _text(",email\n0,ada@example.com\n"), error="column A has no name"),
    Case("no-key.csv", _text("who,name\nada,Ada\n"), error="--map 'who=email'"),
    Case(
        "wrong-delimiter.csv",
        _text("email~name~tags\nada@example.com\n"),
        error="is the delimiter right",
        options=("--delimiter", ","),
    ),
    Case(
        "two-keys.csv",
        _text("E-Mail Address,Mail\na@example.com,b@example.com\n"),
        error="could both be it",
    ),
    Case(
        "mapped-away.csv",
        _text("email,name\na@example.com,A\n"),
        error="names the column Nmae",
        options=("--map", "Nmae=name"),
    ),
    Case("nothing-left.csv", _text("email,★\na@example.com,1\n"), error="no letter or digit"),
    Case(
        "title.csv",
        _text("Export of May\n\nemail,name\nada@example.com,Ada\n"),
        named(ada="Ada"),
        options=("--header-row", "3"),
    ),
    Case(
        "title-untold.csv", _text("Export\nemail,name\nada@example.com,Ada\n"), error="header_row"
    ),
    Case(
        "padded.csv",
        _text("\ufeff email\u00a0,\u200bname \nada@example.com,Ada\n"),
        named(ada="Ada"),
    ),
    Case(
        "scripts.csv",
        _text("email,会社,電話,Größe\nada@example.com,A,1,2\n"),
        {ADA: {"attributes": {"huishe": "A", "dianhua": "1", "grosse": "2"}}},
    ),
]

COLUMNS = [
    Case(
        "readme.csv",
        _text(
            "E-mail,Full name,tags,Company name,Seats\n"
            'lin@example.com,Lin Chen,"newsletter, trial",Acme,5\n'
            "ada@example.com,Ada Byron,newsletter,,\n"
        ),
        {
            LIN: {
                "name": "Lin Chen",
                "user_tags": ["newsletter", "trial"],
                "attributes": {"company_name": "Acme", "Seats": "5"},
            },
            ADA: {"name": "Ada Byron", "user_tags": ["newsletter"], "attributes": {}},
        },
    ),
    Case(
        "google.csv",
        _text(
            "First Name,Last Name,E-mail 1 - Value,Labels\n"
            "Ada,Byron,ada@example.com,* myContacts ::: * vip\n"
        ),
        {ADA: {"name": "Ada Byron", "user_tags": ["myContacts", "vip"]}},
    ),
    Case(
        "mailchimp.csv",
        _text(
            "Email Address,First Name,Last Name,TAGS\n"
            'ada@example.com,Ada,Byron,"""News"",""VIP, gold"""\n'
        ),
        {ADA: {"name": "Ada Byron", "user_tags": ["News", "VIP, gold"]}},
    ),
    Case(
        "german.csv",
        _text("Vorname;Nachname;E-Mail-Adresse;Schlagwörter\nAda;Byron;ada@example.com;a, b\n"),
        {ADA: {"name": "Ada Byron", "user_tags": ["a", "b"]}},
    ),
    Case(
        "french.csv",
        _text("Prénom;Nom;Adresse e-mail;Étiquettes\nAda;Byron;ada@example.com;a\n", "cp1252"),
        {ADA: {"name": "Ada Byron", "user_tags": ["a"]}},
    ),
    Case(
        "italian.csv",
        _text("Nome;Cognome;Indirizzo e-mail\nAda;Byron;ada@example.com\n"),
        named(ada="Ada Byron"),
    ),
    Case(
        "spanish.csv",
        _text("Nombre;Apellidos;Correo electrónico\nAda;Byron;ada@example.com\n"),
        named(ada="Ada Byron"),
    ),
    Case(
        "joined.csv",
        _text(
            "email,Given,Family,note\nada@example.com,Ada,Byron,secret\nlin@example.com,Lin,,x\n"
        ),
        {ADA: {"name": "Ada Byron", "attributes": {}}, LIN: {"name": "Lin"}},
        options=("--map", "Given=name", "--map", "family=name", "--map", "note="),
    ),
    Case(
        "typed.csv",
        _text(
            "email,seats,vip,joined,serial,code\nada@example.com,5,WAHR,31/12/2024,45657,007\n"
            "lin@example.com,many,FALSCH,31/12/2024,45657,1\n"
        ),
        {
            ADA: {
                "attributes": {
                    "seats": 5,
                    "vip": True,
                    "joined": 1735603200,
                    "serial": 1735603200,
                    "code": "007",
                }
            }
        },
        {3: "seats"},
        options=(
            "--type",
            "seats=number",
            "--type",
            "vip=boolean",
            "--type",
            "joined=DD/MM/YYYY",
            "--type",
            "serial=excel",
        ),
    ),
    Case(
        "auto.csv",
        _text(
            "email,seats,vip,joined,code,phone\nada@example.com,5,true,2024-12-31,007,+49170\n"
            "lin@example.com,7.5,,2025-01-01 10:00:00,12,1\n"
        ),
        {
            ADA: {
                "attributes": {
                    "seats": 5,
                    "vip": True,
                    "joined": 1735603200,
                    "code": "007",
                    "phone": "+49170",
                }
            },
            LIN: {"attributes": {"seats": 7.5, "joined": 1735725600, "code": "12", "phone": "1"}},
        },
        options=("--types", "auto"),
    ),
    Case(
        "no-dates.csv",
        _text("email,joined\nada@example.com,2024-02-30\nlin@example.com,2024-01-01\n"),
        {ADA: {"attributes": {"joined": "2024-02-30"}}, LIN: {}},
        options=("--types", "auto"),
    ),
    Case(
        "hundred.csv",
        _text(f"email,{','.join(f'c{n}' for n in range(100))}\nada@example.com{',x' * 100}\n"),
        {ADA: {"attributes": {f"c{n}": "x" for n in range(100)}}},
    ),
    Case(
        "first-name-alone.csv",
        _text("Email,First name\nada@example.com,Ada\n"),
        {ADA: {"name": None, "attributes": {"first_name": "Ada"}}},
    ),
    Case(
        "grouped.csv",
        _text("email;amount\nada@example.com;1.234,50\nlin@example.com;12,5\n"),
        {ADA: {"attributes": {"amount": 1234.5}}, LIN: {"attributes": {"amount": 12.5}}},
        options=("--type", "amount=number"),
    ),
    Case(
        "piped-tags.csv",
        _text("email,tags\nada@example.com,vip | big; spender\nlin@example.com,\n"),
        {ADA: {"user_tags": ["big; spender", "vip"]}, LIN: {"user_tags": []}},
        options=("--tag-separator", "|"),
    ),
    Case(
        "tagged.csv",
        _text("email,tags\nada@example.com,vip\nlin@example.com,\n"),
        {ADA: {"user_tags": ["fair", "vip"]}, LIN: {"user_tags": ["fair"]}},
        options=("--tag", "fair"),
    ),
]

VALUES = [
    Case(
        "padding.csv",
        _text(
            'email,name\n" ada@example.com "," Ada "\n'
            "lin@example.com\u00a0,Lin\n\u200bmo@example.com,Mo\n"
        ),
        named(ada="Ada", lin="Lin", mo="Mo"),
    ),
    Case(
        "wrapped.csv",
        _text(
            "email\nmailto:ada@example.com\n"
            "'lin@example.com\nMo <mo@example.com>\nzed@example.com/\n"
        ),
        {ADA: {}, LIN: {}, MO: {}},
        {5: "email"},
    ),
    Case(
        "addresses.csv",
        _text(
            "email\nada\nada@example\na@b@example.com\nada@exa mple.com\nada@example..com\n,\n"
            "a@example.com;b@example.com\n"
        ),
        rejected={2: "email", 3: "email", 4: "email", 5: "email", 6: "email", 8: "email"},
        blank=1,
        options=("--delimiter", ","),
    ),
    Case(
        "long.csv",
        _text(f"email,bio\nada@example.com,{'x' * 129}\n"),
        rejected={2: "129 characters"},
    ),
    Case(
        "lead-opt-out.csv",
        _text("email,name,unsubscribe\nada@example.com,Ada,1\nlin@example.com,Lin,0\n"),
        named(ada="Ada", lin="Lin"),
        {2: "unsubscribe"},
    ),
]

WORKBOOKS = [
    Case("cells.xlsx", xlsx(_CELLS), _SEEN),
    Case("cells.xls", xls(_CELLS), _SEEN),
    Case("cells.ods", ods(_CELLS), _SEEN),
    Case("since-1904.xlsx", xlsx(_CELLS, date_1904=True), _SEEN),
    Case("two-sheets.xlsx", xlsx([["email"], [ADA]], [["email"], [LIN]]), {ADA: {}}),
    Case(
        "second.xlsx",
        xlsx([["email"], [ADA]], [["email"], [LIN]]),
        {LIN: {}},
        options=("--sheet", "2"),
    ),
    Case(
        "by-name.xlsx",
        xlsx([["email"], [ADA]], [["email"], [LIN]]),
        {LIN: {}},
        options=("--sheet", "sheet 2"),
    ),
    Case(
        "no-sheet.xlsx",
        xlsx([["email"], [ADA]]),
        error="has no sheet Leads",
        options=("--sheet", "Leads"),
    ),
    Case("hidden.xlsx", xlsx([["email"], [ADA]], [["email"], [LIN]], hidden_first=True), {LIN: {}}),
    Case(
        "formulas.xlsx",
        xlsx([["email", "name", "n"], [("=A1", ADA), ("=B1", "Ada"), ("=1+1", 2)]]),
        {ADA: {"name": "Ada", "attributes": {"n": "2"}}},
    ),
    Case(
        "errors.xlsx", xlsx([["email", "n"], [ADA, ("=1/0", "#DIV/0!")]]), {ADA: {"attributes": {}}}
    ),
    Case(
        "offset.xlsx",
        xlsx([[], [], [None, "email", "name"], [None, ADA, "Ada"], [], [None, "x", "y"]]),
        named(ada="Ada"),
        {6: "email"},
        blank=1,
    ),
    Case("wide.xlsx", xlsx([["email"], [ADA, "beyond"], [LIN]]), {LIN: {}}, {2: "2 cells"}),
    Case("empty.xlsx", xlsx([], [["email"], [ADA]]), error="is empty"),
    Case(
        "numbers.xlsx",
        xlsx([["email", "a", "b", "c"], [ADA, 1e20, 1e-7, 123456789012345]]),
        {
            ADA: {
                "attributes": {
                    "a": "100000000000000000000",
                    "b": "0.0000001",
                    "c": "123456789012345",
                }
            }
        },
    ),
    Case(
        "formats.xlsx",
        xlsx(
            [
                ["email", "share", "price", "at", "took", "code"],
                [
                    *(ADA, Shown(0.25, "0%"), Shown(1234.5, "#,##0.00 €"), Shown(0.4, "hh:mm")),
                    *(Shown(1.5, "[h]:mm:ss"), Shown(7, "00000")),
                ],
            ]
        ),
        {
            ADA: {
                "attributes": {
                    "share": "0.25",
                    "price": "1234.5",
                    "at": "09:36:00",
                    "took": "36:00:00",
                    "code": "7",
                }
            }
        },
    ),
    Case(
        "key-is-an-error.xlsx",
        xlsx([["email", "name"], [("=VLOOKUP(1,A1,1)", "#N/A"), "Ada"], [LIN, "Lin"]]),
        named(lin="Lin"),
        {2: "email: is missing"},
    ),
    Case(
        "merged-title.xlsx",
        xlsx(
            [
                [Merged("Leads of the fair", 3)],
                ["email", "name", "plan"],
                [ADA, "Ada", "pro"],
                [LIN, "Lin", "pro"],
                [MO],
            ]
        ),
        error="--header-row",
    ),
    Case(
        "merged-below-title.xlsx",
        xlsx([[Merged("Leads of the fair", 3)], ["email", "name", "plan"], [ADA, "Ada", "pro"]]),
        named(ada="Ada"),
        options=("--header-row", "2"),
    ),
    Case("no-comma-values.csv", xlsx([["email", "name"], [ADA, "Ada"]]), named(ada="Ada")),
    Case("locked.xlsx", protected, error="save a copy of it without one"),
    Case("damaged.xlsx", b"PK\x03\x04 and then nothing", error="can't be read as a workbook"),
    Case("a-page.xls", b"<html><table><tr><td>email</td></tr></table></html>", error="HTML"),
]

CORPUS = [*ENCODINGS, *DIALECTS, *ODD_CELLS, *ROWS, *HEADERS, *COLUMNS, *VALUES, *WORKBOOKS]
