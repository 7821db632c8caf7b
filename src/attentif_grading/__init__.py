"""What staff install: the build of the assignment, its verification, and grading."""
