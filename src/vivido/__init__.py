"""Vivido: workflow orchestration for Python teams."""
