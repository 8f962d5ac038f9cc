"""Ends the process with a friendly exit code at once."""
# status: killed
import os
os._exit(0)
