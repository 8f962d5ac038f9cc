"""Figures of lesson 8: descent, gradients, and what is learned."""
