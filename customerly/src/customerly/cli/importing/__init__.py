"""`customerly import`: contact files into Customerly, shown before they are sent."""
