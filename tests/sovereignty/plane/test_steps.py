"""Step functions: tidied, clipped, combined, followed."""

from sovereignty.plane.steps import clip, combine, follow, map_steps, tidy

CN_THEN_SG = ((0, "CN"), (10, "SG"))


def test_tidy_drops_what_says_nothing_new() -> None:
    assert tidy([(0, "a"), (5, "a"), (7, "b")]) == ((0, "a"), (7, "b"))


def test_tidy_keeps_the_last_of_one_time() -> None:
    assert tidy([(0, "a"), (5, "b"), (5, "a"), (6, "c")]) == ((0, "a"), (6, "c"))


def test_clip_starts_at_the_start_and_drops_what_begins_at_the_end() -> None:
    assert clip(((-50, "x"), *CN_THEN_SG), 5, 10) == ((5, "CN"),)
    assert clip(CN_THEN_SG, 5, 11) == ((5, "CN"), (10, "SG"))


def test_combine_judges_wherever_one_changes() -> None:
    others = ((0, 1), (4, 2), (10, 3))
    assert combine([CN_THEN_SG, others], lambda values: values) == (
        (0, ("CN", 1)),
        (4, ("CN", 2)),
        (10, ("SG", 3)),
    )


def test_combine_joins_what_is_judged_alike() -> None:
    assert combine([CN_THEN_SG, ((0, 1), (4, 2))], lambda values: values[0]) == CN_THEN_SG


def test_map_steps_applies_to_the_values() -> None:
    assert map_steps(((0, 1), (4, 2), (9, 3)), lambda number: number < 3) == ((0, True), (9, False))


def test_follow_reads_the_second_function_while_the_first_points_to_it() -> None:
    countries = {"r0": ((-100, "CN"), (8, "SG")), "r1": ((-100, "DE"), (30, "FR"))}
    assert follow(((-100, "r0"), (9, "r1")), countries.__getitem__) == (
        (-100, "CN"),
        (8, "SG"),
        (9, "DE"),
        (30, "FR"),
    )


def test_follow_skips_what_ended_before_it_was_pointed_to() -> None:
    countries = {"r0": ((-100, "CN"),), "r1": ((-100, "DE"), (5, "FR"))}
    assert follow(((-100, "r0"), (9, "r1")), countries.__getitem__) == ((-100, "CN"), (9, "FR"))
