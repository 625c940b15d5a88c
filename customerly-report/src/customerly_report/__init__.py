"""One HTML page of pictures from the models of a Customerly project."""
