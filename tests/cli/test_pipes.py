"""Readers that leave early."""

import subprocess

import pytest


@pytest.mark.parametrize(
    ("args", "code"),
    [
        (("list",), 0),
        (("schema", "--all"), 0),
        (("execute", "CAL_FETCH_ALL_BOOKINGS", "--sandbox"), 0),
        (("execute", "CAL_NO_SUCH_ACTION", "--sandbox"), 1),
    ],
    ids=["list", "schema", "success", "failure"],
)
def test_a_reader_that_leaves_is_no_error_and_the_exit_code_stays(start, args, code):
    with start(*args) as process:
        process.stdout.close()
        complaint = process.stderr.read()
        assert (process.wait(timeout=30), complaint) == (code, b"")


def test_the_first_line_of_a_long_output_can_be_taken(start):
    with start("schema", "--all") as process:
        head = subprocess.run(["head", "-n", "1"], stdin=process.stdout, capture_output=True)
        process.stdout.close()
        assert (head.stdout, process.wait(timeout=30), process.stderr.read()) == (b"[\n", 0, b"")
