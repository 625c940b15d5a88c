"""What the columns are called, and what is in them."""

from __future__ import annotations

from tests.files.corpus.case import ADA, LIN, MO, Case, encoded, named

HEADERS = [
    Case(
        "no-header.csv",
        encoded("ada@example.com,Ada\nlin@example.com,Lin\n"),
        error="holds an address",
    ),
    Case("empty.csv", b"", error="is empty"),
    Case("only-blanks.csv", b"\n \n,,\n", error="is empty"),
    Case("only-header.csv", b"email,name\n"),
    Case("twice.csv", encoded("email,name,plan,Email\na,b,c,d\n"), error="email and Email"),
    Case("twice-by-blanks.csv", encoded("email,Full name,full  name\na,b,c\n"), error="one name"),
    Case("nameless.csv", encoded(",email\n0,ada@example.com\n"), error="column A has no name"),
    Case("no-key.csv", encoded("who,name\nada,Ada\n"), error="--map 'who=email'"),
    Case(
        "wrong-delimiter.csv",
        encoded("email~name~tags\nada@example.com\n"),
        error="is the delimiter right",
        options=("--delimiter", ","),
    ),
    Case(
        "two-keys.csv",
        encoded("E-Mail Address,Mail\na@example.com,b@example.com\n"),
        error="could both be it",
    ),
    Case(
        "mapped-away.csv",
        encoded("email,name\na@example.com,A\n"),
        error="names the column Nmae",
        options=("--map", "Nmae=name"),
    ),
    Case("nothing-left.csv", encoded("email,★\na@example.com,1\n"), error="no letter or digit"),
    Case(
        "title.csv",
        encoded("Export of May\n\nemail,name\nada@example.com,Ada\n"),
        named(ada="Ada"),
        options=("--header-row", "3"),
    ),
    Case(
        "title-untold.csv", encoded("Export\nemail,name\nada@example.com,Ada\n"), error="header_row"
    ),
    Case(
        "padded.csv",
        encoded("\ufeff email\u00a0,\u200bname \nada@example.com,Ada\n"),
        named(ada="Ada"),
    ),
    Case(
        "scripts.csv",
        encoded("email,会社,電話,Größe\nada@example.com,A,1,2\n"),
        {ADA: {"attributes": {"huishe": "A", "dianhua": "1", "grosse": "2"}}},
    ),
]

COLUMNS = [
    Case(
        "readme.csv",
        encoded(
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
        encoded(
            "First Name,Last Name,E-mail 1 - Value,Labels\n"
            "Ada,Byron,ada@example.com,* myContacts ::: * vip\n"
        ),
        {ADA: {"name": "Ada Byron", "user_tags": ["myContacts", "vip"]}},
    ),
    Case(
        "mailchimp.csv",
        encoded(
            "Email Address,First Name,Last Name,TAGS\n"
            'ada@example.com,Ada,Byron,"""News"",""VIP, gold"""\n'
        ),
        {ADA: {"name": "Ada Byron", "user_tags": ["News", "VIP, gold"]}},
    ),
    Case(
        "german.csv",
        encoded("Vorname;Nachname;E-Mail-Adresse;Schlagwörter\nAda;Byron;ada@example.com;a, b\n"),
        {ADA: {"name": "Ada Byron", "user_tags": ["a", "b"]}},
    ),
    Case(
        "french.csv",
        encoded("Prénom;Nom;Adresse e-mail;Étiquettes\nAda;Byron;ada@example.com;a\n", "cp1252"),
        {ADA: {"name": "Ada Byron", "user_tags": ["a"]}},
    ),
    Case(
        "italian.csv",
        encoded("Nome;Cognome;Indirizzo e-mail\nAda;Byron;ada@example.com\n"),
        named(ada="Ada Byron"),
    ),
    Case(
        "spanish.csv",
        encoded("Nombre;Apellidos;Correo electrónico\nAda;Byron;ada@example.com\n"),
        named(ada="Ada Byron"),
    ),
    Case(
        "joined.csv",
        encoded(
            "email,Given,Family,note\nada@example.com,Ada,Byron,secret\nlin@example.com,Lin,,x\n"
        ),
        {ADA: {"name": "Ada Byron", "attributes": {}}, LIN: {"name": "Lin"}},
        options=("--map", "Given=name", "--map", "family=name", "--map", "note="),
    ),
    Case(
        "typed.csv",
        encoded(
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
        encoded(
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
        encoded("email,joined\nada@example.com,2024-02-30\nlin@example.com,2024-01-01\n"),
        {ADA: {"attributes": {"joined": "2024-02-30"}}, LIN: {}},
        options=("--types", "auto"),
    ),
    Case(
        "hundred.csv",
        encoded(f"email,{','.join(f'c{n}' for n in range(100))}\nada@example.com{',x' * 100}\n"),
        {ADA: {"attributes": {f"c{n}": "x" for n in range(100)}}},
    ),
    Case(
        "first-name-alone.csv",
        encoded("Email,First name\nada@example.com,Ada\n"),
        {ADA: {"name": None, "attributes": {"first_name": "Ada"}}},
    ),
    Case(
        "grouped.csv",
        encoded("email;amount\nada@example.com;1.234,50\nlin@example.com;12,5\n"),
        {ADA: {"attributes": {"amount": 1234.5}}, LIN: {"attributes": {"amount": 12.5}}},
        options=("--type", "amount=number"),
    ),
    Case(
        "piped-tags.csv",
        encoded("email,tags\nada@example.com,vip | big; spender\nlin@example.com,\n"),
        {ADA: {"user_tags": ["big; spender", "vip"]}, LIN: {"user_tags": []}},
        options=("--tag-separator", "|"),
    ),
    Case(
        "tagged.csv",
        encoded("email,tags\nada@example.com,vip\nlin@example.com,\n"),
        {ADA: {"user_tags": ["fair", "vip"]}, LIN: {"user_tags": ["fair"]}},
        options=("--tag", "fair"),
    ),
]

VALUES = [
    Case(
        "padding.csv",
        encoded(
            'email,name\n" ada@example.com "," Ada "\n'
            "lin@example.com\u00a0,Lin\n\u200bmo@example.com,Mo\n"
        ),
        named(ada="Ada", lin="Lin", mo="Mo"),
    ),
    Case(
        "wrapped.csv",
        encoded(
            "email\nmailto:ada@example.com\n"
            "'lin@example.com\nMo <mo@example.com>\nzed@example.com/\n"
        ),
        {ADA: {}, LIN: {}, MO: {}},
        {5: "email"},
    ),
    Case(
        "addresses.csv",
        encoded(
            "email\nada\nada@example\na@b@example.com\nada@exa mple.com\nada@example..com\n,\n"
            "a@example.com;b@example.com\n"
        ),
        rejected={2: "email", 3: "email", 4: "email", 5: "email", 6: "email", 8: "email"},
        blank=1,
        options=("--delimiter", ","),
    ),
    Case(
        "long.csv",
        encoded(f"email,bio\nada@example.com,{'x' * 129}\n"),
        rejected={2: "129 characters"},
    ),
    Case(
        "lead-opt-out.csv",
        encoded("email,name,unsubscribe\nada@example.com,Ada,1\nlin@example.com,Lin,0\n"),
        named(ada="Ada", lin="Lin"),
        {2: "unsubscribe"},
    ),
]
