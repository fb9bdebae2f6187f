"""Describe a release for those who have not opened it yet: portals, query editors, search engines."""
