"""Asking services: pages, rate limits, proof of completeness, and keeping what was answered."""
