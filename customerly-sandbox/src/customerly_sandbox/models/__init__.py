"""What the sandbox holds: contacts and their order, tags, companies, the knowledge base, time."""
