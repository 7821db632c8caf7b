"""The grader: students' code runs confined, in processes of its own, and values come back to be judged here."""
