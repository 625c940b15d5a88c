"""`customerly doctor`: whether a set-up works, and what the API does where nobody says.

| module | holds |
| --- | --- |
| `findings` | what a check and a fact are, and how they are shown |
| `machine` | checks of this machine: Python, packages, disk |
| `network` | checks of the way to the API: variables, token, clock |
| `installation` | checks of Meltano, its plugins and the warehouse |
| `leftovers` | checks of what runs left behind: outcomes, states, rejects, spool |
| `observing` | what one look at a list shows besides |
| `reading` | facts that reads alone settle |
| `writing` | facts that it takes a contact and two tags of its own to settle |
"""
