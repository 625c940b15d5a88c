"""Records as they leave: each stream's schema, and the cleaning of whatever the API sent.

- `types`: the types of a property, as JSON schema;
- `contact`, `schemas`: the streams' schemas;
- `cleaning`: raw records into records of the schema;
- `tags`: the forms in which a contact's tags come;
- `attributes`: custom attributes, declared from a sample.
"""
