"""The resources: what a record of each means, and the operation that it asks for.

`RESOURCES` is the registry; a resource is a class with its fields, its operations (the first is the
default) and one method that turns a record's values into an operation.
"""

from target_customerly.intake.resources.base import Context, Resource
from target_customerly.intake.resources.calls import ApiCalls, Messages
from target_customerly.intake.resources.companies import Companies, CompanyMembers
from target_customerly.intake.resources.contacts import Leads, Users
from target_customerly.intake.resources.tags import Tags

__all__ = ["RESOURCES", "Context", "Resource"]

RESOURCES: dict[str, Resource] = {
    resource.name: resource()
    for resource in (Users, Leads, Tags, Companies, CompanyMembers, Messages, ApiCalls)
}
"""Every resource by its name, in the order of the README."""
