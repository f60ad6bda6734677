"""Live screens: who is connected, and what each is sent when."""
