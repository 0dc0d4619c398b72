"""Asking services: pages, pace, proof of completeness, and keeping what was answered."""
