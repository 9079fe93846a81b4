"""A document compiled once: how its fields are read, what they wait for, and how an answer is filled in.

shape      what a field of the schema is: an attribute, a declared load, or a call
leaves     how scalars and enums are written, at once where a value is as it should be
writing    an object's fields as one Python function
compiler   an operation as such functions, one per type and merged selections
run        one operation under way: waves of loads, errors, the answer
"""
