"""What people see: plain values for each screen, and the templates that print them."""
