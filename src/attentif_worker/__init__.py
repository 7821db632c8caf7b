"""What runs on the student's side of the grader: confinement, their cells, their answers to requests.

Nothing here is a secret, and nothing of `attentif_grading` is imported: a worker sees the students' edition of
the library and this package, no check, no reference, no mark.
"""
