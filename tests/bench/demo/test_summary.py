"""What the demo says of what it planted and found."""

from bench.demo.summary import planted


def test_counts_a_fault_card_by_card_and_the_findings_that_tell_it() -> None:
    blocks = [
        {"reason": "region_foreign", "cards": ["sg-1/0-7"]},
        {"reason": "sequence_hole", "cards": ["hz-1/0"]},
    ]
    report = {
        "tenants": [
            {
                "rules": [
                    {"blocks": blocks},
                    {"blocks": [{"reason": "sequence_hole", "cards": ["hz-1/1"]}]},
                ]
            }
        ]
    }
    truth = {"faults": {"foreign-region": [["st-mary"]] * 8, "sequence-hole": [["st-mary"]] * 2}}
    assert list(planted(truth, report)) == [
        "foreign-region: 8 card by card, told in 1 finding",
        "sequence-hole: 2 card by card, told in 2 findings",
    ]
