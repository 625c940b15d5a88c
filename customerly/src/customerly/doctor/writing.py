"""Facts that take writing, on a contact and two tags of the doctor's own: docs/assumptions.md.

The contact is a lead under example.com, whose address and tags hold a random number. All of it is
removed again, whatever happens, Ctrl-C included.
"""

from __future__ import annotations

import contextlib
import secrets
import signal
import threading
from functools import partial
from typing import TYPE_CHECKING

from customerly.answer_forms import tag_names
from customerly.doctor.findings import Check, Fact, settled
from customerly.doctor.reading import nobody
from customerly.errors import BatchTooLarge, ContactMissing, CustomerlyError, RequestFailed
from customerly.fields import ATTRIBUTE_TEXT_LIMIT
from customerly.redact import redact
from customerly.values import read_integer, read_mapping, readable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from customerly.api import Api, Contact
    from customerly.doctor.findings import Answer

ATTRIBUTE = "customerly_doctor"
"""The custom attribute that is tried; the project may go on listing its name."""

_SECOND = 1.1  # last_update has a resolution of a second
_LOOKS = 3  # at a contact that was just written, before it counts as not there
_LISTS = ("errors", "not_added")


class Trial:
    """A lead and two tags that are there to be tried on.

    Args:
        api: The project's API.
        sleep: Waits so many seconds.
    """

    def __init__(self, api: Api, sleep: Callable[[float], object]) -> None:
        number = secrets.token_hex(6)
        self.api = api
        self.sleep = sleep
        self.email = f"customerly-doctor-{number}@example.com"
        self.other_case = self.email.upper()
        self.invalid = f"customerly-doctor-{number}"
        self.tags = (f"customerly-doctor-{number}-a", f"customerly-doctor-{number}-b")

    def write(self, **fields: object) -> None:
        """Create or change the lead.

        Args:
            **fields: What to set; the address, where it is to be another.
        """
        self.api.upsert_contacts("leads", [{"email": self.email, **fields}])

    def try_to_write(self, **fields: object) -> None:
        """Change the lead, where the API may refuse it.

        Args:
            **fields: What to set.
        """
        with contextlib.suppress(RequestFailed):
            self.write(**fields)

    def look(self, email: str = "") -> Contact:
        """Look the lead up; it may take a moment until it is visible.

        Args:
            email: Its address, where it is to be another.

        Returns:
            The lead as it came.
        """
        for _ in range(_LOOKS - 1):
            with contextlib.suppress(ContactMissing):
                return self.api.get_contact("leads", email=email or self.email)
            self.sleep(_SECOND)
        return self.api.get_contact("leads", email=email or self.email)

    def tag(self, tag: str, email: str = "") -> str:
        """Tie a tag to a lead.

        Args:
            tag: Its name.
            email: The lead's address, where it is another.

        Returns:
            How the API answered: empty where it has no complaint.
        """
        try:
            outcome = self.api.tag(tag, leads=[{"email": email or self.email}])
        except RequestFailed as failed:
            if failed.status is None:
                raise
            return f"with an error, HTTP {failed.status}: {failed.reason}"
        return "with a list that names it" if outcome.failed or outcome.unnamed else ""

    def remove(self) -> None:
        """Remove what there is of the lead and the tags.

        Raises:
            CustomerlyError: It is there, and the API does not remove it.
        """
        for email in (self.email, self.other_case, self.invalid):
            self._remove(partial(self._is_there, email), partial(self._delete, email))
        for tag in self.tags:
            self._remove(partial(self._has_tag, tag), partial(self.api.delete_tag, tag))

    def _remove(self, is_there: Callable[[], bool], delete: Callable[[], None]) -> None:
        """Believe what can be seen: the answer to a delete has no documented form."""
        for _ in range(_LOOKS):
            if not is_there():
                return
            with contextlib.suppress(RequestFailed):
                delete()
        if is_there():
            raise CustomerlyError("it is still there")

    def _is_there(self, email: str) -> bool:
        """Tell whether a look-up is answered in another way than one of nobody."""
        return self._complaint(email) != self._complaint(nobody())

    def _complaint(self, email: str) -> str:
        try:
            self.api.get_contact("leads", email=email)
        except RequestFailed as failed:
            if failed.status is None:
                raise
            return failed.reason
        return ""

    def _delete(self, email: str) -> None:
        self.api.delete_contact("leads", email=email)

    def _has_tag(self, tag: str) -> bool:
        return tag in self.api.list_tags()


def settle_by_writing(
    api: Api,
    sleep: Callable[[float], object],
    cleaned: Callable[[Check], None],
    look: Callable[[Trial], object],
) -> list[Fact]:
    """Settle what takes a contact to try it on, and remove that again.

    Args:
        api: The project's API.
        sleep: Waits so many seconds.
        cleaned: Gets the outcome of the removal, also where an exception ends the trial.
        look: Has a further look at the contact, before it is removed.

    Returns:
        A fact for each of `BY_WRITING`.
    """
    trial = Trial(api, sleep)
    try:
        with _handled_by(_interrupt, signal.SIGTERM):
            problem = _start(trial)
            if problem:
                return [Fact(name, None, problem) for name in BY_WRITING]
            facts = [settled(name, partial(ask, trial)) for name, ask in BY_WRITING.items()]
            look(trial)
            return facts
    finally:
        with _handled_by(signal.SIG_IGN, signal.SIGINT, signal.SIGTERM):
            cleaned(_removed(trial))


def _start(trial: Trial) -> str:
    """Create the lead; the reason where it cannot be created."""
    try:
        trial.write(name="customerly doctor")
        trial.look()
    except CustomerlyError as error:
        return f"there is no contact to try it on: {redact(str(error))}"
    return ""


def _removed(trial: Trial) -> Check:
    try:
        trial.remove()
    except CustomerlyError:
        left = f"{trial.email} and the tags {' and '.join(trial.tags)}"
        do = f"delete the lead {left} in Customerly, where they are there"
        return Check("clean-up", ok=False, says="the API did not let it end", do=do)
    return Check("clean-up", ok=True, says="the contact and the tags of the trial are gone again")


def _tagging_moves_last_update(trial: Trial) -> Answer:
    before = trial.look().get("last_update")
    trial.sleep(_SECOND)
    trial.tag(trial.tags[0])
    tagged = trial.look().get("last_update")
    trial.write(name="customerly doctor, again")
    if trial.look().get("last_update") == before:
        return None, "last_update does not even move when the contact changes"
    moved = tagged != before
    return moved, f"last_update {'moved' if moved else 'stayed'} when the contact was tagged"


def _tags_in_upsert(trial: Trial) -> Answer:
    old, new = trial.tags
    trial.tag(old)
    trial.try_to_write(tags=[new])
    held = set(tag_names(trial.look().get("user_tags")))
    answer = {(True, True): "add", (False, True): "replace", (True, False): "ignore"}.get(
        (old in held, new in held)
    )
    shown = " and ".join(word for word, tag in (("old", old), ("new", new)) if tag in held)
    return answer, f"after an upsert with another tag the contact has: {shown or 'none'}"


def _tagging_unknown(trial: Trial) -> Answer:
    known, unknown = trial.tag(trial.tags[0]), trial.tag(trial.tags[0], nobody())
    if unknown != known:
        return "error", f"tagging nobody is answered {unknown or 'without a complaint'}"
    return "ignore", "tagging nobody is answered as if it had been done"


def _addresses_ignore_case(trial: Trial) -> Answer:
    trial.write(email=trial.other_case)
    keys = {
        str(trial.look(email).get("crmhero_user_id")) for email in (trial.email, trial.other_case)
    }
    one = len(keys) == 1
    return one, f"two addresses that differ in case are {'one contact' if one else 'two contacts'}"


def _long_text(trial: Trial) -> Answer:
    trial.try_to_write(attributes={ATTRIBUTE: "x"})
    if _stored_text(trial) != 1:
        return None, "not even a short text was stored in a custom attribute"
    sent = 2 * ATTRIBUTE_TEXT_LIMIT
    trial.try_to_write(attributes={ATTRIBUTE: "x" * sent})
    stored = _stored_text(trial)
    answer = "accept" if stored == sent else "truncate" if stored > 1 else "reject"
    return answer, f"of {sent} characters in a custom attribute, {stored * (stored > 1)} are stored"


def _stored_text(trial: Trial) -> int:
    """The length of the attribute's text; 0 where it is not there."""
    attributes = readable(read_mapping, trial.look().get("attributes")) or {}
    return len(str(attributes.get(ATTRIBUTE, "")))


def _rejected_element(trial: Trial) -> Answer:
    return _rejection(trial)[0]


def _rejected_field(trial: Trial) -> Answer:
    return _rejection(trial)[1]


def _rejection(trial: Trial) -> tuple[Answer, Answer]:
    """Send a contact that cannot be stored with one that can: the element, and its list."""
    batch = [{"email": trial.email}, {"email": trial.invalid}]
    try:
        data = trial.api.client.request("POST", "leads", body={"leads": batch}).data
    except BatchTooLarge:
        return ((None, "the API takes no two contacts at once"),) * 2
    except RequestFailed as failed:
        if failed.status is None:
            raise
        whole = f"a batch with an invalid address is refused, HTTP {failed.status}"
        return ("whole", whole), (None, "a batch is refused as a whole")
    data = data if isinstance(data, dict) else {}
    for field in _LISTS:
        for element in _elements(data.get(field)):
            form = _form(element)
            return (form, f"a refused contact is named by its {form}"), (field, f"in data.{field}")
    if (readable(read_integer, data.get("inserted")) or 0) >= len(batch):
        return ((None, "the API takes an address that is not valid"),) * 2
    return ("unnamed", "only the count says that a contact was refused"), (None, "no list names it")


def _elements(listed: object) -> list[object]:
    """The elements of a list of refused contacts, or the keys of an object that names them."""
    return list(listed) if isinstance(listed, (list, dict)) else []


def _form(element: object) -> str:
    if isinstance(element, dict):
        return "object"
    return "index" if str(element).isdecimal() else "email"


BY_WRITING: dict[str, Callable[[Trial], Answer]] = {
    "tagging_moves_last_update": _tagging_moves_last_update,
    "tags_in_upsert": _tags_in_upsert,
    "tagging_unknown": _tagging_unknown,
    "addresses_ignore_case": _addresses_ignore_case,
    "long_text": _long_text,
    "rejected_element": _rejected_element,
    "rejected_field": _rejected_field,
}


def _interrupt(*_: object) -> None:
    """End the trial as Ctrl-C does, so that it is removed."""
    raise KeyboardInterrupt


@contextlib.contextmanager
def _handled_by(
    handler: signal.Handlers | Callable[..., None], *numbers: signal.Signals
) -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    former = {number: signal.signal(number, handler) for number in numbers}
    try:
        yield
    finally:
        for number, each in former.items():
            signal.signal(number, each)
