"""Progress as a person sees it: a bar on a terminal, a line a step in a file."""

import io

from audit.jobs.progress import bar


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_file_gets_one_line_for_each_new_step() -> None:
    file = io.StringIO()
    with bar("check", file) as progress:
        for done in range(3):
            progress(done, 3, "reading touches")
        progress(3, 3, "writing findings")
    assert file.getvalue() == "check: reading touches\ncheck: writing findings\n"


def test_a_terminal_gets_a_bar_with_step_and_count() -> None:
    terminal = Terminal()
    with bar("check", terminal) as progress:
        progress(250, 1000, "reading touches")
    assert "check: reading touches" in terminal.getvalue()
    assert "250/1000" in terminal.getvalue()


def test_a_total_that_is_not_known_yet_is_shown_as_such() -> None:
    terminal = Terminal()
    with bar("check", terminal) as progress:
        progress(250, 0)
    assert "250/?" in terminal.getvalue()
