"""nbgrader's settings for this course: `nbgrader ...` and formgrader read them from here."""

from course.build.release import RELEASE_PREPROCESSORS
from course.grading.plugin import configure

c = get_config()  # noqa: F821  (nbgrader puts it here)

c.CourseDirectory.course_id = "generative-ai-in-fifty-questions"

# source/ -> release/: nbgrader's own steps, with one that also knows repair exercises
c.GenerateAssignment.preprocessors = RELEASE_PREPROCESSORS
c.ClearSolutions.code_stub = {"python": "# YOUR CODE HERE\nraise NotImplementedError()"}
c.ClearSolutions.text_stub = "*Your answer here.*"

# submitted/ -> autograded/ -> feedback/: through the engine, in a sandbox
configure(c, services="course.testing.there:install")

# `nbgrader validate` runs whole notebooks, demonstrations that train a model among them
c.Execute.timeout = 600
