"""Turn project records into RDF, check them with SHACL, publish them as linked open data.

Import from the modules; the package itself holds the version only.
"""

__version__ = "0.1.0"
