"""Enrich: papers get links and topic labels, each with its evidence."""
