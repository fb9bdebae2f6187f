"""Read records as authors write them: plain data, every scalar as its text.

One module a format. A value's place in its file is found only when somebody asks for it.
"""
