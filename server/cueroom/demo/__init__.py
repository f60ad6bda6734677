"""The made-up show that demonstrates the product: its shapes, and the process that feeds it."""
