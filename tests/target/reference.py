"""What a record means, one at a time, through plain requests: the model for the whole target."""

from __future__ import annotations

from typing import Any, Self

import requests

Record = dict[str, Any]

_SHOWN = ("email", "user_id", "name", "attributes", "is_user", "was_lead", "unsubscribe")


class Reference:
    """Applies records to a sandbox, each by itself, and says whether it was applied."""

    def __init__(self, sandbox: Any, tags_mode: str = "add") -> None:
        self.url, self.tags_mode = sandbox.url, tags_mode
        self.session = requests.Session()
        self.session.headers["Authorization"] = f"Bearer {sandbox.token}"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.session.close()

    def apply(self, stream: str, record: Record) -> bool:
        """Look up by name what the record asks for."""
        untag = "untag" if record.get("untag") else None
        usual = "tag" if stream == "tags" else "upsert"
        return getattr(self, record.get("_operation") or untag or usual)(stream, record)

    def send(self, method: str, path: str, body: Any = None, **query: Any) -> Any:
        """The answer's data, `missing` or `refused`."""
        answer = self.session.request(
            method, f"{self.url}/{path}", json=body, params=query, timeout=10
        ).json()
        if "error" not in answer:
            return answer.get("data")
        message = str(answer["error"]).lower()
        return "missing" if "exist" in message or "not found" in message else "refused"

    def upsert(self, kind: str, record: Record) -> bool:
        if "email" not in record:
            found = self.send("GET", kind, user_id=record["user_id"])
            if found == "missing":
                return False
            record = {**record, "email": found["email"]}
        body = {name: record[name] for name in ("email", "user_id", "name") if name in record}
        if "plan" in record:
            body["attributes"] = {"plan": record["plan"]}
        if record.get("tags") and self.tags_mode == "inline":  # an empty cell is not sent
            body["tags"] = record["tags"]
        data = self.send("POST", kind, {kind: [body]})
        if data == "refused" or data.get("errors") or data.get("not_added"):
            return False
        if int(data["inserted"]) < 1:
            return False
        return self.tag_stored(kind, record) if self.tags_mode != "inline" else True

    def tag_stored(self, kind: str, record: Record) -> bool:
        if "tags" not in record:
            return True
        key, wanted = {"email": record["email"]}, record["tags"]
        if self.tags_mode == "replace":
            found = self.send("GET", kind, **key)
            if found == "missing":
                return False
            held = {t["name"] if isinstance(t, dict) else t for t in found["user_tags"]}
            for tag in held - set(wanted):
                self.post_tag(tag, kind, key, untag=True)
        taken = [self.post_tag(tag, kind, key) for tag in wanted]
        return all(taken)

    def post_tag(self, tag: str, kind: str, key: Record, *, untag: bool = False) -> bool:
        data = self.send("POST", "tags", {"tag": tag, kind: [key], "untag": untag})
        reported = isinstance(data, dict) and bool(data.get("errors"))
        return data not in ("missing", "refused") and not reported

    def tag(self, _stream: str, record: Record) -> bool:
        key = key_of(record)
        kind = record.get("contact_type", "user") + "s"
        if key:
            there = self.send("GET", kind, **key) != "missing"
            return there and self.post_tag(record["tag"], kind, key)
        if record["tag"] not in self.send("GET", "tags"):
            self.send("POST", "tags", {"tag": record["tag"], "users": [], "untag": False})
        return True

    def untag(self, _stream: str, record: Record) -> bool:
        kind = record.get("contact_type", "user") + "s"
        self.post_tag(record["tag"], kind, key_of(record), untag=True)
        return True

    def delete(self, stream: str, record: Record) -> bool:
        if stream != "tags":
            self.send("DELETE", stream, **key_of(record))
        elif key_of(record):
            return self.untag(stream, record)
        else:
            self.send("DELETE", "tags", {"tag": record["tag"]})
        return True

    def unsubscribe(self, kind: str, record: Record) -> bool:
        user_id = record.get("user_id")
        if "email" in record:
            found = self.send("GET", kind, email=record["email"])
            if found == "missing":
                return True
            user_id = found["user_id"]
        if user_id is None:
            return False
        self.send("POST", f"users/unsubscribe/{user_id}")
        return True


def key_of(record: Record) -> Record:
    """The contact that a record names: by address where it has one."""
    for name in ("email", "user_id"):
        if name in record:
            return {name: record[name]}
    return {}


def outcome(sandbox: Any) -> Record:
    """All that the records decide, and nothing that depends on when they were applied."""
    state = sandbox.state()
    contacts = {
        kind: sorted(
            (
                {**{name: contact[name] for name in _SHOWN}, "tags": sorted(contact["user_tags"])}
                for contact in state[kind]
            ),
            key=lambda shown: shown["email"],
        )
        for kind in ("users", "leads")
    }
    return {**contacts, "tags": sorted(state["tags"])}
