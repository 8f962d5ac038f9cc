"""Build the lessons of convlab and grade what comes back."""
