"""The API: one module of handlers for each area, the table of URLs, and the dispatcher."""
