"""nbgrader's settings for this course; run its commands in this folder, after `attentif-grading build`.

The gradebook, the submissions and the feedback stay in this folder and out of version control.
"""

import os
from pathlib import Path

from nbgrader.converters import GenerateAssignment
from nbgrader.preprocessors import ClearSolutions

from attentif_grading.nbgrader_course import kernel_environment
from attentif_grading.stubs import ClearSolutionsInLanguage

c = get_config()  # noqa: F821  (nbgrader defines it)

here = Path(__file__).resolve().parent
c.CourseDirectory.course_id = "attentif"
c.CourseDirectory.root = str(here)

# One assignment a language: each gets the stubs of its language.
c.GenerateAssignment.preprocessors = [
    ClearSolutionsInLanguage if step is ClearSolutions else step
    for step in GenerateAssignment.preprocessors.default()
]

# Seconds a cell. Training cells return at once while grading; no check needs more than a few seconds.
c.Execute.timeout = 120
c.Execute.iopub_timeout = 30
c.LimitOutput.max_lines = 500
c.LimitOutput.max_traceback = 50

# Warnings of the kernel's own start-up say nothing about a submission.
c.Execute.extra_arguments = ["--IPKernelApp.log_level=ERROR"]

# Students' code runs in kernels that inherit this.
os.environ.update(kernel_environment(here.parent))
