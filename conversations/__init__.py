"""What: conversations of customers with agents. The domain; it knows no neighbour."""
