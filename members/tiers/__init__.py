"""
Tiers: ladders of levels that members reach, keep and lose by what they do, and grants that lift them for a while.

What a ladder says is a version (`definitions`), frozen once published. What follows for one member is decided in one
place and purely (`standing`), for the review, the preview and the member's own page alike. Who changes where a member
stands has the member's row locked.
"""
