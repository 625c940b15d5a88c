"""Requests and answers as the handlers see them, and how data is written on the wire."""
