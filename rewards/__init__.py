"""What points buy: catalogue, stock, redemptions."""
