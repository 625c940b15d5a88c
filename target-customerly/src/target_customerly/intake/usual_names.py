"""The usual names of a contact's fields in exports, in five languages."""

from __future__ import annotations

import unicodedata

_EMAIL = (
    *("email", "email address", "primary email", "email 1 value", "e mail adresse"),
    *("mail", "mail adresse", "mailadresse", "adresse mail", "adresse email", "courriel"),
    *("adresse courriel", "adresse electronique", "adresse de messagerie"),
    *("indirizzo email", "indirizzo mail", "indirizzo di posta elettronica", "posta elettronica"),
    *("correo", "correo electronico", "direccion de correo", "direccion de correo electronico"),
    *("direccion email", "direccion de email"),
)
_NAME = (
    *("name", "full name", "display name", "contact name", "vollstandiger name"),
    *("vor und nachname", "vorname nachname", "nom complet", "nom et prenom", "prenom et nom"),
    *("nome completo", "nome e cognome", "cognome e nome", "nombre completo"),
    *("nombre y apellido", "nombre y apellidos"),
)
_LONE_NAMES = ("nom", "nome", "nombre")
"""A name, unless a column of the same language holds the other half of it."""

_USER_ID = (
    *("user id", "external id", "external user id", "userid", "benutzer id", "nutzer id"),
    *("externe id", "identifiant utilisateur", "id utilisateur", "identifiant externe"),
    *("id utente", "id esterno", "id usuario", "id de usuario", "id externo"),
)
_TAGS = (
    *("tags", "labels", "tag list", "schlagworte", "schlagworter", "etiketten", "markierungen"),
    *("etiquettes", "mots cles", "libelles", "etichette", "etiquetas", "group membership"),
)
_UNSUBSCRIBE = (
    *("unsubscribe", "unsubscribed", "opt out", "opted out", "email opt out", "is unsubscribed"),
    *("has opted out of email", "unsubscribed from all email", "abgemeldet"),
    *("desabonne", "desinscrit", "disiscritto", "dado de baja"),
)
_COMPANY_NAME = ("company name", "firmenname", "nom de l entreprise", "nome azienda")


def comparable(name: str) -> str:
    """Return what spellings of a column's name share: no accents, case, blanks or punctuation.

    Args:
        name: A column's name.

    Returns:
        Its letters and digits.
    """
    letters = unicodedata.normalize("NFKD", name.casefold())
    return "".join(letter for letter in letters if letter.isalnum())


def _comparable(names: tuple[str, ...]) -> frozenset[str]:
    return frozenset(map(comparable, names))


USUAL_NAMES: dict[str, frozenset[str]] = {
    "email": _comparable(_EMAIL),
    "name": _comparable((*_NAME, *_LONE_NAMES)),
    "user_id": _comparable(_USER_ID),
    "tags": _comparable(_TAGS),
    "tag": _comparable(
        ("tag", "tag name", "label", "etikett", "etiquette", "etichetta", "etiqueta")
    ),
    "unsubscribe": _comparable(_UNSUBSCRIBE),
    "company_id": _comparable(("company id", "firmen id")),
    "company_name": _comparable(_COMPANY_NAME),
}
"""Field to the usual names of its column, comparable."""

FIRST_AND_LAST: tuple[tuple[frozenset[str], frozenset[str]], ...] = (
    (
        _comparable(("first name", "given name", "forename")),
        _comparable(("last name", "surname", "family name")),
    ),
    (_comparable(("vorname", "rufname")), _comparable(("nachname", "familienname", "name"))),
    (_comparable(("prenom",)), _comparable(("nom", "nom de famille"))),
    (_comparable(("nome",)), _comparable(("cognome",))),
    (_comparable(("nombre", "primer nombre")), _comparable(("apellido", "apellidos"))),
)
"""The two halves of a name, a language each."""


def is_first_name(column: str) -> bool:
    """Tell whether a column holds first names, by its name.

    Args:
        column: Its name.

    Returns:
        True for `First name` and its like; a name that can stand for a whole one is none.
    """
    name = comparable(column)
    return name not in USUAL_NAMES["name"] and any(name in firsts for firsts, _ in FIRST_AND_LAST)
