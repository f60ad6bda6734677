"""People at their browsers: pages, links, commands, receipts, the recap."""
