"""The upstreams with nothing behind them: answers made from the ids that were asked for.

Fast enough to stand far above whatever is measured with it, and in a process of its own. The sandbox, which
emulates the upstreams with all their faults, is a hundred times too slow for that.
"""
