"""Text files: how they are encoded, cut into cells and rows."""

from __future__ import annotations

from tests.files.corpus.case import ADA, LIN, MO, Case, encoded, named
from tests.files.workbooks import archive

_LATE = b"email,name\n" + b"".join(b"p%d@example.com,P\n" % n for n in range(5000))
ENCODINGS = [
    Case("utf8.csv", encoded("email,name\nada@example.com,Åda\n"), named(ada="Åda")),
    Case("bom.csv", encoded('\ufeff"email","name"\r\n"ada@example.com","A"\r\n'), named(ada="A")),
    Case(
        "windows-1252.csv",
        b"email;name\r\nlin@example.com;Lena Gro\xdf\r\n",
        named(lin="Lena Groß"),
    ),
    Case(
        "utf16.csv", encoded("email;name\r\nlin@example.com;Groß\r\n", "utf-16"), named(lin="Groß")
    ),
    Case(
        "utf16le.txt",
        encoded("email\tname\nlin@example.com\tGroß\n", "utf-16-le"),
        named(lin="Groß"),
    ),
    Case(
        "utf16be.txt",
        encoded("email\tname\nlin@example.com\tGroß\n", "utf-16-be"),
        named(lin="Groß"),
    ),
    Case("utf32.csv", encoded("email,name\nlin@example.com,Groß\n", "utf-32"), named(lin="Groß")),
    Case(
        "shout.csv",
        encoded("email;name\nlin@example.com;JÜRGEN MÜLLER\n", "cp1252"),
        named(lin="JÜRGEN MÜLLER"),
    ),
    Case(
        "mac.csv",
        encoded("email;name\rlin@example.com;Jürgen Müller\r", "mac_roman"),
        named(lin="Jürgen Müller"),
    ),
    Case(
        "dos.csv",
        encoded("email;name\r\nlin@example.com;Jürgen Größe\r\n", "cp850"),
        named(lin="Jürgen Größe"),
    ),
    Case(
        "polish.csv",
        encoded("email;name\nlin@example.com;Łukasz Żółć\n", "cp1250"),
        named(lin="Łukasz Żółć"),
    ),
    Case(
        "cyrillic.csv",
        encoded("email;name\nlin@example.com;Иван Петров\n", "cp1251"),
        named(lin="Иван Петров"),
    ),
    Case(
        "japanese.csv",
        encoded("email,name\nlin@example.com,田中太郎\n", "cp932"),
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
        encoded("email,name\na@example.com,Groß\nb@example.com,Zürich\n") + b"c@example.com,\xdf\n",
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
        encoded("email,name\nada@example.com,Zoë\n") + b"lin@example.com,Zo\xeb\n",
        error="row 3",
    ),
    Case("no16.csv", b"email\nada@example.com\n", error="row 1", options=("--encoding", "utf-16")),
]

DIALECTS = [
    Case("semicolon.csv", encoded("email;name\nada@example.com;Ada, B\n"), named(ada="Ada, B")),
    Case("tab.tsv", encoded("email\tname\nada@example.com\tAda B\n"), named(ada="Ada B")),
    Case("pipe.txt", encoded("email|name|note\nada@example.com|Ada|x, y; z\n"), named(ada="Ada")),
    Case("caret.txt", encoded("email^name\nada@example.com^Ada\n"), named(ada="Ada")),
    Case("single.csv", encoded("email\nada@example.com\nlin@example.com\n"), {ADA: {}, LIN: {}}),
    Case(
        "sep.csv",
        encoded("sep=;\r\nemail;name\r\nada@example.com;A,b\r\nx;y\r\n"),
        named(ada="A,b"),
        {3: "email"},
    ),
    Case(
        "single-quotes.csv",
        encoded("'email','name'\n'ada@example.com','Ada, B'\n"),
        named(ada="Ada, B"),
    ),
    Case(
        "backslash.csv",
        encoded('"email";"name"\n"ada@example.com";"A \\"B\\" C"\n'),
        named(ada='A "B" C'),
    ),
    Case("doubled.csv", encoded('email,name\nada@example.com,"A ""B"" C"\n'), named(ada='A "B" C')),
    Case(
        "inner-quote.csv", encoded('email,name\nada@example.com,"A "B" C"\n'), named(ada='A "B" C')
    ),
    Case(
        "blank-quote.csv",
        encoded('email, name, tags\nada@example.com, "Byron, Ada", x\n'),
        named(ada="Byron, Ada"),
    ),
    Case(
        "apostrophe.csv",
        encoded("email,name\nada@example.com,Pat O'Brien\n"),
        named(ada="Pat O'Brien"),
    ),
    Case(
        "given-tab.txt",
        encoded("email\tname\nada@example.com\tA;B;C\n"),
        named(ada="A;B;C"),
        options=("--delimiter", "tab"),
    ),
    Case(
        "misfit.csv",
        encoded("email;name\nada@example.com;Ada\n"),
        error="is the delimiter right?",
        options=("--delimiter", ","),
    ),
    Case(
        "two-letters.csv",
        encoded("email;name\n"),
        error="single character",
        options=("--delimiter", ";;"),
    ),
    Case(
        "decimal-comma.csv",
        encoded("email;rate\nada@example.com;12,5\n"),
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
        encoded("email,name,ملاحظة\nada@example.com,\u200fمحمد علي\u200f,أهلا\n"),
        {ADA: {"name": "محمد علي", "attributes": {"mlhdhh": "أهلا"}}},
    ),
    Case(
        "as-formula.csv",
        encoded('email,phone\nada@example.com,"=""0049170"""\n'),
        {ADA: {"attributes": {"phone": "0049170"}}},
    ),
    Case(
        "no-ascii.csv",
        encoded("email;name\nada@example.com;Ä\n", "cp1252"),
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
        encoded('email,name\nada@example.com,"Ada" Byron\nlin@example.com,"Lin"\n'),
        named(lin="Lin"),
        {2: "between the quote"},
    ),
    Case(
        "quoted-line-ends.csv",
        encoded('email,note\r\nada@example.com,"one\r\ntwo"\r\nzed,x\r\n'),
        {ADA: {"attributes": {"note": "one\r\ntwo"}}},
        {3: "email"},
    ),
    Case(
        "mixed-line-ends.csv",
        encoded("email,name\r\nada@example.com,Ada\nlin@example.com,Lin\r"),
        named(ada="Ada", lin="Lin"),
    ),
    Case(
        "total.csv",
        encoded("email,seats\nada@example.com,5\nTotal,5\n"),
        {ADA: {}},
        {3: "is not an e-mail address"},
    ),
    Case(
        "blank-rows.csv",
        encoded("email,name,tags\r\nada@example.com,Ada,vip\r\n\r\n,,\r\n"),
        {ADA: {"user_tags": ["vip"]}},
        blank=2,
    ),
    Case(
        "invisible-row.csv",
        encoded("email,name\n\u200b,\u00a0\nada@example.com,Ada\n"),
        named(ada="Ada"),
        blank=1,
    ),
    Case(
        "too-many.csv",
        encoded("email,name,tags\nada@example.com,Byron, Ada,vip\nlin@example.com,Lin,new\n"),
        {LIN: {"user_tags": ["new"]}},
        {2: "4 cells"},
    ),
    Case(
        "too-few.csv",
        encoded("email,name,tags\nada@example.com\nlin@example.com,Lin\n"),
        {ADA: {}, **named(lin="Lin")},
    ),
    Case(
        "trailing.csv",
        encoded("email,name,,\nada@example.com,Ada,,\nlin@example.com,Lin,,x\n"),
        named(ada="Ada"),
        {3: "4 cells"},
    ),
    Case(
        "open-quote.csv",
        encoded(
            'email,name,tags\nada@example.com,"Ada,vip\n'
            'lin@example.com,Lin,x\nmo@example.com,Mo,"y"\n'
        ),
        named(lin="Lin", mo="Mo"),
        {2: "quote"},
    ),
    Case(
        "open-at-end.csv",
        encoded('email,name\nlin@example.com,Lin\nada@example.com,"Ada\n'),
        named(lin="Lin"),
        {3: "quote"},
    ),
    Case(
        "remarks.csv",
        encoded("# Exported today\n# by Zoe\n\nE-Mail;name\nada@example.com;Ada\n"),
        error="Row 4 looks like the names of columns: give --header-row 4",
    ),
    Case(
        "remarks-and-header-row.csv",
        encoded("# Exported today\n# by Zoe\n\nE-Mail;name\nada@example.com;Ada\n"),
        named(ada="Ada"),
        options=("--header-row", "4"),
    ),
    Case(
        "rows-cut-otherwise.csv",
        encoded("email,name,plan\nada@example.com;Ada;pro\nlin@example.com;Lin;free\n"),
        error="each row is one cell",
    ),
    Case(
        "rows-in-quotes.csv",
        encoded('email,name,plan\n"ada@example.com,Ada,pro"\n\n"lin@example.com,Lin,"\n'),
        error="each row is one cell",
    ),
    Case(
        "one-row-cut-otherwise.csv",
        encoded("email,name,plan\nada@example.com;Ada;pro\nlin@example.com\n"),
        named(lin=None),
        {2: "email: is not"},
    ),
    Case(
        "errors.csv",
        encoded("email,name,plan,n\nada@example.com,#N/A,#NV,# 1\n#REF!,Lin,pro,1\n"),
        {ADA: {"name": None, "attributes": {"n": "# 1"}}},
        {3: "email: is missing"},
    ),
    Case(
        "swallowed.csv",
        encoded(
            'email,name,note\nada@example.com,"Ada,x\nlin@example.com,Lin,y\nmo@example.com,5",z\n'
        ),
        {LIN: {}, MO: {}},
        {2: "quote"},
    ),
    Case(
        "line-breaks.csv",
        encoded('email,street,n\nada@example.com,"Main St 5\nParis, France",1\nzed,x,2\n'),
        {ADA: {"attributes": {"street": "Main St 5\nParis, France", "n": "1"}}},
        {3: "email"},
    ),
    Case(
        "name-with-break.csv",
        encoded('email,name\nada@example.com,"Ada\nByron"\n'),
        rejected={2: "line break"},
    ),
    Case(
        "old-mac.csv",
        encoded("email,name\rada@example.com,Ada\rlin@example.com,Lin"),
        named(ada="Ada", lin="Lin"),
    ),
    Case("leads [May]*?.csv", encoded("email,name\nada@example.com,Ada\n"), named(ada="Ada")),
]
