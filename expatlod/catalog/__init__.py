"""Describe a release for those who have not opened it: portals, query editors, search engines."""
