"""The schemas of everything that is no contact.

Sources: docs/api-contract.md#tags, docs/api-contract.md#the-rest, docs/api-contract.md#webhooks.
"""

from __future__ import annotations

from tap_customerly.records.types import anything, integer, key, mapping, moment, schema, text

TAG = schema("The project's tags", {"name": key(text("The tag's name"))})

ACCOUNT = schema(
    "The project's teammates",
    {
        "account_id": key(integer("Customerly's key of the teammate")),
        "email": text("The teammate's e-mail address"),
    },
)

COLLECTION = schema(
    "Collections of the knowledge base",
    {
        "knowledge_base_collection_id": key(integer("Customerly's key of the collection")),
        "app_id": text("The project that the collection is in"),
        "title": text("Title"),
        "description": text("Description"),
        "slug": text("The collection's part of the web address"),
        "icon": text("Name of the icon"),
        "sort": integer("Place among the collections"),
        "locale": text("Language, as en"),
    },
)

ARTICLE = schema(
    "Articles of the knowledge base",
    {
        "knowledge_base_article_id": key(integer("Customerly's key of the article")),
        "knowledge_base_collection_id": integer("The collection that the article is in"),
        "app_id": text("The project that the article is in"),
        "title": text("Title"),
        "description": text("Description"),
        "body": text("Text of the article, in HTML"),
        "slug": text("The article's part of the web address"),
        "status": text("Whether it is published, as the API says it"),
        "written_by": integer("Key of the writer"),
        "created_at": moment("When the article was written"),
        "updated_at": moment("When the article last changed"),
        "num_visits": integer("Number of visits"),
        "num_positive_reactions": integer("Number of positive reactions"),
        "num_neutral_reactions": integer("Number of neutral reactions"),
        "num_negative_reactions": integer("Number of negative reactions"),
        "keywords": text("Keywords that a search finds it by"),
    },
)

WRITER = schema(
    "Writers of the knowledge base",
    {"writer_id": key(integer("Customerly's key of the writer"))},
)

WEBHOOK_EVENT = schema(
    "Deliveries that `customerly listen` received",
    {
        "sequence": key(integer("Place in the spool; strictly rising, never reused")),
        "received_at": moment("When the delivery arrived"),
        "hook": text("Name in the URL that was called, after its secret"),
        "event": text("Name of the event, where the body has one"),
        "email": text("The contact's e-mail address, where the body has one"),
        "crmhero_user_id": integer("Customerly's key of the contact, where the body has one"),
        "headers": mapping("Headers of the delivery, without credentials; lower-case names"),
        "query": mapping("Query parameters of the URL that was called"),
        "body": anything("The body, where it is JSON"),
        "body_text": text("The body as text, where it is not JSON"),
        "body_base64": text("The exact bytes of a body that is no UTF-8"),
    },
)

OPERATION = schema(
    "What target-customerly did, one row an operation of its log",
    {
        "operation_id": key(text("Digest of the line in the log")),
        "run": text("The run of target-customerly, by an id of its own"),
        "stream": text("The stream that the record came in"),
        "line": integer("Line of the run's input that the record came in, from 1"),
        "key": text("The contact: a digest of its address or user id, or with log_keys itself"),
        "operation": text("What the record asked for, as upsert, delete or tag"),
        "status": text("What became of it: applied, unchanged, skipped or rejected"),
        "reason": text("Why it was rejected"),
        "attempts": integer("How often the last request about it was sent"),
        "started_at": moment("When its batch was begun"),
        "finished_at": moment("When it was over"),
    },
)
