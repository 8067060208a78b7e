"""Composition: the only package that names everyone, and decides nothing."""

from omnichat.celery import app as celery_app

__all__ = ["celery_app"]
