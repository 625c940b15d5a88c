"""Write the definitions that Meltano Hub takes: `make docs`, or `--check` in `make lint`.

They follow from what each connector says of itself (`--about`), and lie in `hub/` as they would in
the Hub's own repository, with the maintainer and the logo.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml
from publishing_docs import read_publishing
from settings_docs import settings_of
from tap_contact_files.tap import TapContactFiles
from tap_customerly.tap import TapCustomerly
from target_customerly.target import TargetCustomerly

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from singer_sdk.plugin_base import PluginBase

HUB = Path(__file__).parent.parent / "hub"
REPOSITORY = read_publishing().repository
VARIANT = read_publishing().owner
CUSTOMERLY = {"domain_url": "https://www.customerly.io", "label": "Customerly"}
FILES = {"domain_url": f"{REPOSITORY}/tree/main/tap-contact-files", "label": "Contact files"}
CONNECTORS: Mapping[type[PluginBase], tuple[str, str, dict[str, str]]] = {
    TapCustomerly: ("extractors", "customerly", CUSTOMERLY),
    TapContactFiles: ("extractors", "contact-files", FILES),
    TargetCustomerly: ("loaders", "customerly", CUSTOMERLY),
}
"""Each connector, with its place in the Hub, its logo, and what it is called there."""
KINDS = {"number": "decimal"}


def setting(name: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    """Describe a setting to the Hub.

    Args:
        name: Its name.
        schema: Its JSON schema.

    Returns:
        Its entry.
    """
    types = schema["type"]
    kind = types if isinstance(types, str) else next(each for each in types if each != "null")
    kind = "date_iso8601" if schema.get("format") == "date-time" else KINDS.get(kind, kind)
    options = [{"label": each.capitalize(), "value": each} for each in schema.get("enum", ())]
    entry = {
        "name": name,
        "kind": "options" if options else kind,
        "label": schema.get("title") or name.replace("_", " ").capitalize(),
        "description": schema["description"],
        "options": options or None,
        "sensitive": schema.get("secret"),
        "value": schema.get("default"),
    }
    return {key: value for key, value in entry.items() if value is not None}


def definition(connector: type[PluginBase]) -> dict[str, Any]:
    """Describe a connector to the Hub.

    Args:
        connector: Its class.

    Returns:
        The definition.
    """
    kind, logo, names = CONNECTORS[connector]
    groups = settings_of(connector)
    return names | {
        "capabilities": sorted(each.value for each in connector.capabilities),
        "description": (connector.__doc__ or "").strip().splitlines()[0],
        "executable": connector.name,
        "keywords": ["meltano_sdk"],
        "logo_url": f"/assets/logos/{kind}/{logo}.png",
        "maintenance_status": "active",
        "name": connector.name,
        "namespace": connector.name.replace("-", "_"),
        "pip_url": connector.name,
        "repo": REPOSITORY,
        "settings": [
            setting(name, schema) for name, schema in {**groups["own"], **groups["sdk"]}.items()
        ],
        "settings_group_validation": [list(connector.config_jsonschema.get("required", ()))],
        "variant": VARIANT,
    }


def documents() -> Iterator[tuple[Path, str]]:
    """Make every file of `hub/` that is text.

    Yields:
        Its path, and its text as it should be.
    """
    for connector, (kind, _, _) in CONNECTORS.items():
        path = HUB / "_data" / "meltano" / kind / connector.name / f"{VARIANT}.yml"
        yield path, _yaml(definition(connector))
    maintainer = {"label": VARIANT, "name": VARIANT, "url": REPOSITORY.rpartition("/")[0]}
    yield HUB / "_data" / "maintainers.yml", _yaml({VARIANT: maintainer})


def _yaml(content: dict[str, Any]) -> str:
    """Lay out as the Hub does: keys in the order of the alphabet, long lines folded."""
    return yaml.safe_dump(content, sort_keys=True, allow_unicode=True, width=80)


def main(*, check: bool) -> int:
    """Write the files that are out of date, or name them.

    Args:
        check: Whether only to name them.

    Returns:
        The exit status: 1 where `check` found one.
    """
    stale = [
        (path, text) for path, text in documents() if not path.exists() or path.read_text() != text
    ]
    for path, text in stale:
        if check:
            sys.stderr.write(f"{path.relative_to(HUB.parent)} is out of date: run `make docs`\n")
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
    return int(check and bool(stale))


if __name__ == "__main__":
    sys.exit(main(check="--check" in sys.argv))
