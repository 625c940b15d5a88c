"""The resources: what a record of each means, and the operation that it asks for.

`RESOURCES` is the registry; a resource is a class with its fields, its operations (the first is the
default) and one method that turns a record's values into an operation.
"""

from target_customerly.resources.base import Resource
from target_customerly.resources.calls import ApiCalls, Messages
from target_customerly.resources.companies import Companies, CompanyMembers
from target_customerly.resources.contacts import Leads, Users
from target_customerly.resources.tags import Tags

__all__ = ["RESOURCES", "Resource"]

RESOURCES: dict[str, Resource] = {
    kind.name: kind()
    for kind in (Users, Leads, Tags, Companies, CompanyMembers, Messages, ApiCalls)
}
"""Every resource by its name, in the order of the interface."""
