"""Cueroom: a self-hosted control room for livestream sales shows."""
