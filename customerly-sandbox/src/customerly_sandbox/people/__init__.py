"""Who is there at the start: made-up people, as many as are asked for."""
