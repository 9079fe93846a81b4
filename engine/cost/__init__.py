"""What an operation will cost, computed from its document and its variables before it runs.

formula.py: fields shown. sizes.py: how long its lists are. calls.py: upstream calls.
"""
